// SharedFile: a file that processes map for writing, and of which each locks bytes.
//
// It is as large as it will ever be before anybody maps it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/file/descriptor.hpp"
#include "quire/engine/file/fork_watch.hpp"
#include "quire/engine/file/stable_memory.hpp"

namespace quire {

/// Where the file beside the data file lies: next to where the path really leads.
std::string path_beside(const std::string& path, const std::string& suffix);

/// Closing gives up what it locked, once its bytes are mapped nowhere in this process.
class SharedFile {
 public:
  /// A new file without a name that others look for, of so many bytes of zero, really allocated.
  static Result<SharedFile> create(const std::string& path, std::uint64_t size);
  /// What is there. file_missing, permission.
  static Result<SharedFile> open(const std::string& path);
  SharedFile(SharedFile&&) noexcept = default;
  SharedFile& operator=(SharedFile&&) noexcept = default;
  ~SharedFile() { close(); }

  [[nodiscard]] Result<std::uint64_t> size() const;
  Status show_in(StableMemory& memory) const { return memory.show(descriptor(), path_); }
  /// Reads the beginning of the file. corrupt when it is shorter.
  Status read(MutableBytes into) const;

  /// Gives a new file its name, in the place of any other.
  Status publish(const std::string& path);
  /// Takes the name away, if it still leads here.
  void remove() const noexcept;

  // Locks on bytes that nothing is stored at, by number. Those of the calling object's are its own.
  bool try_lock(std::uint32_t number) const;
  void unlock(std::uint32_t number) const noexcept;
  [[nodiscard]] bool is_any_locked(std::uint32_t first, std::uint32_t count) const;

  void close() noexcept;

 private:
  /// A forked child does not have it.
  class Watched final : ForkWatch {
   public:
    explicit Watched(Descriptor opened) : descriptor(std::move(opened)) { watch_forks(); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() override { ignore_forks(); }
    Descriptor descriptor;

   private:
    void in_child() noexcept override { descriptor.close(); }
  };

  SharedFile(Descriptor descriptor, std::string path, bool is_named);
  [[nodiscard]] const Descriptor& descriptor() const { return watched_->descriptor; }

  std::unique_ptr<Watched> watched_;
  std::string path_;
  bool is_named_ = true;  ///< else it goes with this object
};

}  // namespace quire
