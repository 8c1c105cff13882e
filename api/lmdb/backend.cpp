// What the typed layer compiles once for each backend.
#include "quire/api/lmdb.hpp"

namespace quire {

template Result<TableId> open_table(const TableRequest<backend::Lmdb>& request);

}  // namespace quire
