#include "quire/api/lmdb/lmdb_error.hpp"

#include <lmdb.h>

#include <string>

#include "quire/engine/engine.hpp"

namespace quire {
namespace {

ErrorCode code_of_lmdb(int code) noexcept {
  switch (code) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_MAP_RESIZED: return ErrorCode::full;
    case MDB_READERS_FULL:
    case MDB_TLS_FULL: return ErrorCode::too_many_readers;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL: return ErrorCode::corrupt;
    case MDB_PANIC: return ErrorCode::poisoned;
    case MDB_INVALID:
    case MDB_INCOMPATIBLE: return ErrorCode::not_a_database;
    case MDB_VERSION_MISMATCH: return ErrorCode::format_too_new;
    case MDB_BAD_TXN: return ErrorCode::transaction_broken;
    default: return code > 0 ? code_of_system(code) : ErrorCode::invalid_argument;
  }
}

}  // namespace

Failure lmdb_failure(int code, const std::string& of) {
  Error error(code_of_lmdb(code));
  if (code > 0) return fail(error.with_system(code).with_detail(of + " (LMDB)"));
  return fail(error.with_detail(of + ": " + ::mdb_strerror(code)));
}

}  // namespace quire
