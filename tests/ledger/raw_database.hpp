#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <sqlite3.h>

namespace hvsec::ledger::test {

/// One record as it is kept.
struct ChainLink {
  std::int64_t sequence = 0;
  std::string payload;
  std::string hash;
};

/// SQLite without any of the ledger's code: what another program would see and do.
class RawDatabase {
 public:
  explicit RawDatabase(const std::string& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error("open");
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;
  ~RawDatabase() { sqlite3_close(handle_); }

  /// False when SQLite refuses.
  bool execute(const std::string& sql) {
    return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  /// All rows, each column as text.
  std::vector<std::vector<std::string>> rows(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
    std::vector<std::vector<std::string>> all;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      all.emplace_back();
      for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        all.back().emplace_back(text == nullptr ? "" : text);
      }
    }
    sqlite3_finalize(statement);
    return all;
  }

  std::string value(const std::string& sql) { return rows(sql).at(0).at(0); }

  std::vector<ChainLink> links() {
    std::vector<ChainLink> links;
    for (const auto& row : rows("SELECT sequence, payload, hash FROM record ORDER BY sequence"))
      links.push_back({std::stoll(row[0]), row[1], row[2]});
    return links;
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace hvsec::ledger::test
