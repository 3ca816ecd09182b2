#pragma once

#include <string>

#include "reconciler/result.hpp"

/// What the ledger asks of the file system beside SQLite.
namespace hvsec::ledger {

/// The right to write one ledger, which one process has at a time: `FILE.lock`, locked by the
/// operating system until this object or its process ends. The file says who holds it.
class WriterLock {
 public:
  /// Errors: `terminal`: another process has it (the detail says which, where and since when), or
  /// the lock file cannot be made.
  static Result<WriterLock> take(const std::string& ledger_file);

  WriterLock(WriterLock&& other) noexcept;
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock();

 private:
  explicit WriterLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

/// Makes the folders above `file` that are missing, for their owner only.
Result<void> make_folders(const std::string& file);

/// Makes `file` where it is missing, empty and for its owner only, so that it is there after a
/// power cut.
Result<void> make_file(const std::string& file);

}  // namespace hvsec::ledger
