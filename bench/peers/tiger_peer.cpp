#include "peers/tiger_peer.hpp"

#include <filesystem>

namespace bench::peers {

namespace {

std::string tiger_choices(const Opening& opening) {
  const std::string method = opening.sync == Sync::each_commit ? "fsync" : "none";
  return "create,session_max=256,cache_size=" + std::to_string(opening.cache_size) +
         ",log=(enabled=true),checkpoint=(wait=60,log_size=2GB)"
         ",transaction_sync=(enabled=true,method=" +
         method + ")";
}

}  // namespace

void check_tiger(int code, std::string_view action) {
  if (code == 0) [[likely]]
    return;
  fail_in(TigerPeer::name, action, ::wiredtiger_strerror(code));
}

std::string TigerPeer::version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  ::wiredtiger_version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

TigerPeer::TigerPeer(const Opening& opening) {
  const std::string home = opening.directory + "/entries.wiredtiger";
  std::filesystem::create_directories(home);
  WT_CONNECTION* connection = nullptr;
  check_tiger(::wiredtiger_open(home.c_str(), nullptr, tiger_choices(opening).c_str(), &connection),
              "wiredtiger_open");
  connection_.reset(connection);
  const HeldSession session = open_session();
  check_tiger(session->create(session.get(), table,
                              "key_format=u,value_format=u,type=file,memory_page_max=10m,"
                              "split_pct=90,leaf_value_max=64MB"),
              "create");
}

TigerPeer::HeldSession TigerPeer::open_session() const {
  WT_SESSION* session = nullptr;
  check_tiger(connection_->open_session(connection_.get(), nullptr, nullptr, &session),
              "open_session");
  return HeldSession(session);
}

void TigerPeer::settle() {
  const HeldSession session = open_session();
  check_tiger(session->checkpoint(session.get(), nullptr), "checkpoint");
}

void TigerPeer::compact() {
  const HeldSession session = open_session();
  check_tiger(session->compact(session.get(), table, nullptr), "compact");
  settle();
}

}  // namespace bench::peers
