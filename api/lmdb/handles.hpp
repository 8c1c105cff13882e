// The names of LMDB's own types, so that users of our headers need not have lmdb.h.
#pragma once

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;
struct MDB_val;  // NOLINT(readability-identifier-naming): not ours
