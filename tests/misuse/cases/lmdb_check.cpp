// LMDB's pages are not accounted for: only some backends check their files.
// needs: lmdb
// must say: ChecksFiles
#include <quire/api/lmdb.hpp>

#ifdef QUIRE_FIXED
using Checked = quire::Storage;
#else
using Checked = quire::LmdbStorage;
#endif

bool is_sound(const Checked& storage) { return storage.check().has_value(); }
