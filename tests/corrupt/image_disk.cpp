#include "image_disk.hpp"

#include <algorithm>

#include "quire/engine/base/bytes.hpp"

namespace quire::test {

class ImageDisk::OpenFile final : public File {
 public:
  explicit OpenFile(ImageDisk& disk) : disk_(disk) {}

  [[nodiscard]] Result<std::uint64_t> size() const override { return disk_.size_; }
  Status grow(std::uint64_t size) override {
    if (size > disk_.capacity_) return fail(ErrorCode::no_space);
    if (size <= disk_.size_) return {};
    disk_.save(disk_.size_, size - disk_.size_);
    std::fill(disk_.memory_.get() + disk_.size_, disk_.memory_.get() + size, std::byte{0});
    disk_.size_ = size;
    return {};
  }
  Status truncate(std::uint64_t size) override {
    disk_.size_ = std::min<std::uint64_t>(size, disk_.size_);
    return {};
  }
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    for (const Bytes piece : pieces) {
      if (offset + piece.size() > disk_.size_) return fail(ErrorCode::io_failed);
      disk_.save(offset, piece.size());
      copy_bytes(disk_.memory_.get() + offset, piece);
      offset += piece.size();
    }
    return {};
  }
  Status sync() override { return {}; }
  Result<Bytes> map(std::uint64_t) override { return Bytes(disk_.memory_.get(), disk_.capacity_); }
  Status lock_exclusive() override { return {}; }
  Status lock_shared() override { return {}; }
  [[nodiscard]] bool is_still_at_path() const override { return true; }
  [[nodiscard]] std::array<std::uint64_t, 2> identity() const override { return {}; }

 private:
  ImageDisk& disk_;
};

ImageDisk::ImageDisk(Bytes image, std::size_t room)
    : first_size_(image.size()),
      size_(image.size()),
      capacity_(image.size() + room),
      memory_(std::make_unique<std::byte[]>(capacity_)) {
  copy_bytes(memory_.get(), image);
}

void ImageDisk::save(std::uint64_t offset, std::uint64_t size) {
  const std::byte* const begin = memory_.get() + offset;
  overwritten_.emplace_back(offset, std::vector<std::byte>(begin, begin + size));
}

void ImageDisk::restore() {
  for (; !overwritten_.empty(); overwritten_.pop_back())
    copy_bytes(memory_.get() + overwritten_.back().first, overwritten_.back().second);
  size_ = first_size_;
}

Result<std::unique_ptr<File>> ImageDisk::open(const std::string&, Access) {
  return std::make_unique<OpenFile>(*this);
}

Result<std::unique_ptr<File>> ImageDisk::create_beside(const std::string&) {
  return fail(ErrorCode::permission);
}

Result<bool> ImageDisk::publish(File&, const std::string&) { return fail(ErrorCode::permission); }

Status ImageDisk::replace(File&, const std::string&) { return fail(ErrorCode::permission); }

void ImageDisk::discard(File&) noexcept {}

Status ImageDisk::sync_directory(const std::string&) { return {}; }

}  // namespace quire::test
