#include "support/killing_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>
#include <vector>

#include "support/volume.hpp"

namespace quire::test {
namespace {

/// The first half of the bytes.
std::vector<Bytes> half_of(std::span<const Bytes> pieces) {
  std::size_t left = 0;
  for (const Bytes piece : pieces) left += piece.size();
  left /= 2;
  std::vector<Bytes> half;
  for (const Bytes piece : pieces) {
    half.push_back(piece.first(std::min(piece.size(), left)));
    left -= half.back().size();
  }
  return half;
}

class KillingFile final : public ForwardingFile {
 public:
  KillingFile(std::unique_ptr<File> file, KillingFiles& files)
      : ForwardingFile(std::move(file)), files_(files) {}

  Status grow(std::uint64_t size) override {
    return files_.run([&] { return inner().grow(size); });
  }
  Status truncate(std::uint64_t size) override {
    return files_.run([&] { return inner().truncate(size); });
  }
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    files_.count_write();
    return files_.run([&] { return inner().write(offset, pieces); },
                      [&] { static_cast<void>(inner().write(offset, half_of(pieces))); });
  }
  Status sync() override {
    files_.before_sync();
    return files_.run([&] { return inner().sync(); });
  }
  Status lock(LockPlace place, LockKind kind, LockWait wait) override {
    return files_.run([&] { return inner().lock(place, kind, wait); });
  }
  void unlock(LockPlace place) noexcept override {
    static_cast<void>(files_.run([&] {
      inner().unlock(place);
      return true;
    }));
  }

 private:
  KillingFiles& files_;
};

}  // namespace

std::vector<std::uint64_t> calls_to_die_at(std::uint64_t count) {
  const std::uint64_t step = std::max<std::uint64_t>(1, 1000 / scaled(1000));
  std::vector<std::uint64_t> calls;
  for (std::uint64_t call = 1; call <= count; call += step) calls.push_back(call);
  return calls;
}

void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

std::unique_ptr<ForwardingFile> KillingFiles::wrap(std::unique_ptr<File> file) {
  return std::make_unique<KillingFile>(std::move(file), *this);
}

}  // namespace quire::test
