#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reconciler/ledger_state.hpp"
#include "reconciler/wall_time.hpp"
#include "src/ledger/chain.hpp"
#include "src/ledger/payload.hpp"
#include "src/ledger/record.hpp"
#include "tests/ledger/raw_database.hpp"
#include "tests/ledger/version_one.hpp"
#include "tests/ledger/version_two.hpp"

namespace hvsec::ledger::test {

/// A ledger as a program of an older version left it, with these records of one VM.
class OldLedger {
 public:
  OldLedger(const std::string& file, std::string vm, int version)
      : raw_(file), vm_(std::move(vm)), version_(version) {
    run(version == 1 ? version_one_schema : version_two_schema);
  }

  void append(const LedgerRecord& record) {
    const std::string content = payload(record, version_);
    hash_ = chained_hash(hash_, content);
    ++sequence_;
    run("INSERT INTO record VALUES (" + std::to_string(sequence_) + ", " + quoted(id_of(record)) +
        ", " + quoted(std::string(kind(record))) + ", " + quoted(vm_) + ", " +
        quoted(rfc3339(time_of(record))) + ", " + quoted(content) + ", " + quoted(hash_) + ")");
    if (version_ >= 2 && begins(record))
      run("INSERT INTO open_change VALUES (" + quoted(id_of(record)) + ", " +
          std::to_string(sequence_) + ")");
    const auto* settled = std::get_if<Settled>(&record);
    if (settled == nullptr) return;
    if (version_ >= 2 && closes(*settled))
      run("DELETE FROM open_change WHERE change = " + quoted(id_of(record)));
    for (const auto& [setting, value] : values_of(*settled))
      run("INSERT OR REPLACE INTO settled_value VALUES (" + quoted(vm_) + ", " +
          quoted(std::string(schema::spec(setting).name)) + ", " + (value ? "1" : "0") + ", " +
          std::to_string(sequence_) + ")");
  }

  void append(const std::vector<LedgerRecord>& records) {
    for (const LedgerRecord& record : records) append(record);
  }

 private:
  void run(const std::string& sql) {
    if (!raw_.execute(sql)) throw std::runtime_error("SQLite refused: " + sql);
  }

  static std::string quoted(const std::string& text) {
    std::string all = "'";
    for (const char c : text) all += c == '\'' ? std::string("''") : std::string(1, c);
    return all + "'";
  }

  RawDatabase raw_;
  std::string vm_;
  int version_;
  std::int64_t sequence_ = 0;
  std::string hash_ = first_hash();
};

}  // namespace hvsec::ledger::test
