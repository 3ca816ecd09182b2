#include "src/wsman/xml_bytes.hpp"

#include <string>

#include <gtest/gtest.h>

namespace hvsec::wsman::xml {
namespace {

TEST(SameBytes, SeesEveryByteAndNoneBeyond) {
  for (std::size_t size = 0; size <= 3 * word + 1; ++size) {
    const std::string text(size, 'p');
    EXPECT_TRUE(same_bytes((text + "a").data(), (text + "b").data(), size)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'q';
      EXPECT_FALSE(same_bytes(text.data(), other.data(), size)) << size << ", byte " << at;
    }
  }
}

TEST(PositionInWord, IsTheFirstOne) {
  for (int byte = 0; byte < 256; ++byte) {
    // Next to the wanted byte in value: what a carry from the byte before would mistake for it.
    for (const int other : {byte ^ 1, byte ^ 0x80, 255 - byte}) {
      const std::string none(word, static_cast<char>(other));
      EXPECT_EQ(position_in_word(none.data(), static_cast<char>(byte)), word) << byte;
      for (std::size_t at = 0; at < word; ++at) {
        std::string text = none;
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(position_in_word(text.data(), static_cast<char>(byte)), at) << byte;
        text.back() = static_cast<char>(byte);
        EXPECT_EQ(position_in_word(text.data(), static_cast<char>(byte)), at) << byte;
      }
    }
  }
}

}  // namespace
}  // namespace hvsec::wsman::xml
