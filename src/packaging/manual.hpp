#pragma once

#include <string>
#include <string_view>

namespace hvsec::packaging {

/// The page hvsec(1), written from the tables that the program itself reads its words by.
/// `date` goes into its footer, as 2026-11-22.
std::string manual(std::string_view date);

}  // namespace hvsec::packaging
