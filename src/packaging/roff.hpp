#pragma once

#include <string>
#include <string_view>
#include <utility>

/// The little of roff's man macros that the manual is written in.
namespace hvsec::packaging {

/// `text` as a man page prints it: nothing in it is taken for markup, and what is copied from the
/// page can be pasted into a shell.
std::string roff_text(std::string_view text);

/// `text`, as `roff_text` gives it, in bold: what is typed as it stands.
std::string bold(std::string_view text);

/// `text`, as `roff_text` gives it, in italics: what something else is put in for.
std::string italic(std::string_view text);

/// A man page, written from its beginning to its end. Arguments called `markup` are texts that
/// `roff_text`, `bold` and `italic` have given; all others are plain.
class ManPage {
 public:
  struct Title {
    std::string_view name;    ///< "hvsec".
    std::string_view date;    ///< "2026-11-22".
    std::string_view source;  ///< "hvsec 1.0.0".
    std::string_view manual;  ///< What the page is a part of.
  };

  explicit ManPage(const Title& title);

  ManPage& section(std::string_view title);
  ManPage& subsection(std::string_view title);
  ManPage& paragraph(std::string_view markup);

  /// Something, and what it is in a few sentences, further in.
  ManPage& entry(std::string_view markup, std::string_view explanation_markup);

  /// Lines of a terminal, as they are.
  ManPage& example(std::string_view lines);

  std::string take() { return std::move(page_); }

 private:
  void line(std::string_view text);

  std::string page_;
  bool begins_ = false;  // A heading stands above, which begins a paragraph itself.
};

}  // namespace hvsec::packaging
