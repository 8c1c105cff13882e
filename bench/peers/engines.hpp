// The engines that this program was built with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "peers/lmdb_peer.hpp"
#include "peers/quire_peer.hpp"
#include "peers/suite.hpp"
#if defined(HAVE_ROCKSDB)
#include "peers/rocks_peer.hpp"
#endif
#if defined(HAVE_LEVELDB)
#include "peers/level_peer.hpp"
#endif
#if defined(HAVE_SQLITE)
#include "peers/sqlite_peer.hpp"
#endif
#if defined(HAVE_WIREDTIGER)
#include "peers/tiger_peer.hpp"
#endif

namespace bench::peers {

/// Calls use.template operator()<P>() with each wanted engine for keys of type K; quire also with a
/// redo log, where that makes a difference: where small transactions are measured.
template <class K, bool has_small_transactions>
void for_each_peer(const Setting& setting, auto&& use) {
  const auto offer = [&]<class P>() {
    if (setting.wants_engine(P::name)) use.template operator()<P>();
  };
  offer.template operator()<QuirePeer<K>>();
  if constexpr (has_small_transactions) offer.template operator()<QuirePeer<K, RedoLog::used>>();
  offer.template operator()<LmdbPeer<LmdbMap::read_only>>();
  offer.template operator()<LmdbPeer<LmdbMap::writable>>();
#if defined(HAVE_ROCKSDB)
  offer.template operator()<RocksPeer>();
#endif
#if defined(HAVE_LEVELDB)
  offer.template operator()<LevelPeer>();
#endif
#if defined(HAVE_SQLITE)
  offer.template operator()<SqlitePeer>();
#endif
#if defined(HAVE_WIREDTIGER)
  offer.template operator()<TigerPeer>();
#endif
}

/// A suite whose share for an engine P is a `Share<P>`, made of the setting and a home, which has a
/// `Figures run(round)`.
template <template <class> class Share, class K, bool has_small_transactions = false>
Suite make_suite(const Setting& setting, std::string name) {
  Suite suite{.name = std::move(name), .entrants = {}};
  for_each_peer<K, has_small_transactions>(setting, [&]<class P>() {
    Home home(setting.directory, suite.name + "-" + std::string(P::name));
    const auto share = std::make_shared<Share<P>>(setting, std::move(home));
    suite.entrants.push_back({.engine = std::string(P::name),
                              .run = [share](std::uint64_t round) { return share->run(round); }});
  });
  return suite;
}

}  // namespace bench::peers
