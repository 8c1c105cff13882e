#include "processes/killing_files.hpp"

#include <unistd.h>

#include <csignal>
#include <utility>

namespace quire::test {
namespace {

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
    return files_.run([&] { return inner().write(offset, pieces); });
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

void KillingFiles::die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

std::unique_ptr<ForwardingFile> KillingFiles::wrap(std::unique_ptr<File> file) {
  return std::make_unique<KillingFile>(std::move(file), *this);
}

}  // namespace quire::test
