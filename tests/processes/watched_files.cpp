#include "processes/watched_files.hpp"

#include <utility>

namespace quire::test {
namespace {

using Kind = FileCall::Kind;

class WatchedFile final : public ForwardingFile {
 public:
  WatchedFile(std::unique_ptr<File> file, WatchedFiles& files)
      : ForwardingFile(std::move(file)), files_(files) {}

  [[nodiscard]] Result<std::uint64_t> size() const override {
    return files_.run({.kind = Kind::size}, [&] { return ForwardingFile::size(); });
  }
  Status grow(std::uint64_t size) override {
    return files_.run({.kind = Kind::grow}, [&] { return inner().grow(size); });
  }
  Status truncate(std::uint64_t size) override {
    return files_.run({.kind = Kind::truncate}, [&] { return inner().truncate(size); });
  }
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    return files_.run({.kind = Kind::write, .offset = offset},
                      [&] { return inner().write(offset, pieces); });
  }
  Status sync() override {
    return files_.run({.kind = Kind::sync}, [&] { return inner().sync(); });
  }
  Status lock(LockPlace place, LockKind kind, LockWait wait) override {
    return files_.run({.kind = Kind::lock, .place = place},
                      [&] { return inner().lock(place, kind, wait); });
  }
  void unlock(LockPlace place) noexcept override {
    static_cast<void>(files_.run({.kind = Kind::unlock, .place = place}, [&] {
      inner().unlock(place);
      return true;
    }));
  }

 private:
  WatchedFiles& files_;
};

}  // namespace

std::unique_ptr<ForwardingFile> WatchedFiles::wrap(std::unique_ptr<File> file) {
  return std::make_unique<WatchedFile>(std::move(file), *this);
}

}  // namespace quire::test
