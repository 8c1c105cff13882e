#include "quire/engine/txn/commit_ticket.hpp"

#include "quire/engine/txn/group_sync.hpp"

namespace quire {

Result<bool> CommitTicket::is_durable() const {
  return group_ ? group_->is_durable({txn_, sync_, sync_}) : true;
}

Status CommitTicket::wait() const {
  return group_ ? group_->finish({txn_, sync_, sync_}) : Status{};
}

}  // namespace quire
