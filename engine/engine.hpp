// The engine's front door: everything that the layers above may use.
//
// The engine sorts and stores bytes and has never heard of a C++ type.
#pragma once

#include "quire/engine/check.hpp"
#include "quire/engine/database.hpp"
#include "quire/engine/file/memory_file.hpp"
#include "quire/engine/file/read_ahead.hpp"
#include "quire/engine/file/system_error.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/statistics.hpp"
#include "quire/engine/tree/cursor.hpp"
#include "quire/engine/tree/lookup.hpp"
#include "quire/engine/tree/pages_ahead.hpp"
#include "quire/engine/txn/snapshot.hpp"
#include "quire/engine/txn/write_transaction.hpp"
