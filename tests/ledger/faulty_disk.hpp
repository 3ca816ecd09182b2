#pragma once

#include <atomic>
#include <cstring>
#include <limits>
#include <unistd.h>

#include <sqlite3.h>

namespace hvsec::ledger::test {

/// The disk as SQLite sees it, for as long as the object lives: it counts, and is full or loses its
/// power at a chosen write. Databases are opened and closed within its life.
class FaultyDisk {
 public:
  FaultyDisk() : real_(sqlite3_vfs_find("unix")), shim_(*real_) {
    shim_.zName = "faulty-disk";
    shim_.pAppData = this;
    shim_.szOsFile = real_->szOsFile + static_cast<int>(sizeof(FaultyDisk*));
    shim_.xOpen = open;
    sqlite3_vfs_register(&shim_, 1);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk() {
    sqlite3_vfs_unregister(&shim_);
    sqlite3_vfs_register(real_, 1);
  }

  [[nodiscard]] int syncs() const { return syncs_; }

  /// From now on this many writes succeed, and all later ones find the disk full.
  void full_after(int writes) { writes_left_ = writes; }
  /// From now on this many writes succeed, and with the next one the process is gone.
  void gone_after(int writes) {
    writes_left_ = writes;
    dies_ = true;
  }
  void lose_syncs(bool lost) { syncs_fail_ = lost; }
  void mend() { writes_left_ = std::numeric_limits<int>::max(); }

 private:
  // SQLite's own file comes first, the object it belongs to behind it.
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* disk = static_cast<FaultyDisk*>(vfs->pAppData);
    const int code = disk->real_->xOpen(disk->real_, name, file, flags, out);
    const bool written = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0 &&
                         (flags & SQLITE_OPEN_READWRITE) != 0;
    if (code != SQLITE_OK || !written) return code;
    std::memcpy(reinterpret_cast<char*>(file) + disk->real_->szOsFile, &disk, sizeof(disk));
    disk->real_methods_ = file->pMethods;
    // Databases and logs differ in how they are locked, not in how they are written.
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    sqlite3_io_methods& methods = is_log ? disk->log_methods_ : disk->database_methods_;
    methods = *file->pMethods;
    methods.xWrite = write;
    methods.xSync = sync;
    file->pMethods = &methods;
    return code;
  }

  static FaultyDisk& of(sqlite3_file* file) {
    FaultyDisk* disk = nullptr;
    const int size = sqlite3_vfs_find("unix")->szOsFile;
    std::memcpy(&disk, reinterpret_cast<char*>(file) + size, sizeof(disk));
    return *disk;
  }

  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    FaultyDisk& disk = of(file);
    if (disk.writes_left_ <= 0) {
      if (disk.dies_) ::_exit(0);
      return SQLITE_FULL;
    }
    --disk.writes_left_;
    return disk.real_methods_->xWrite(file, bytes, count, offset);
  }

  static int sync(sqlite3_file* file, int flags) {
    FaultyDisk& disk = of(file);
    ++disk.syncs_;
    if (disk.syncs_fail_) return SQLITE_IOERR_FSYNC;
    return disk.real_methods_->xSync(file, flags);
  }

  sqlite3_vfs* real_;
  sqlite3_vfs shim_;
  const sqlite3_io_methods* real_methods_ = nullptr;
  sqlite3_io_methods database_methods_{};
  sqlite3_io_methods log_methods_{};
  std::atomic<int> syncs_{0};
  std::atomic<int> writes_left_{std::numeric_limits<int>::max()};
  std::atomic<bool> dies_{false};
  std::atomic<bool> syncs_fail_{false};
};

}  // namespace hvsec::ledger::test
