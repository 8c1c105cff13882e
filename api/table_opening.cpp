#include "quire/api/table_opening.hpp"

#include "quire/api/native.hpp"

namespace quire {

template Result<TableId> open_table(const TableRequest<backend::Native>& request);
template Result<TableId> open_table_in(WriteTransaction& txn,
                                       const TableRequest<backend::Native>& request);

}  // namespace quire
