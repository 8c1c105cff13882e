// Backup: one committed state of a storage as a file of its own.
#pragma once

#include <string>

#include "quire/engine/engine.hpp"

namespace quire {

/// Makes a database at path of a state of this one, in key order and with full pages: nothing of
/// free or torn space goes along. Readers and writers of the source go on meanwhile; the state is
/// kept until it is done. The copy is there, durable, when this returns; until then there is none,
/// or one without tables. Tables that a migration has begun to make are left out, as it can be
/// begun again.
/// invalid_argument: there is a database with tables, or something else, at path. busy: somebody
/// has the one that is there open, as the source itself. io_failed, no_space, permission; corrupt,
/// when the source is damaged. Without a hook, that of the source's options hears how far it is.
Status back_up(const Database& source, const std::string& path, const ProgressHook& hook = {});

}  // namespace quire
