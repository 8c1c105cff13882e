// TreeWorld: one tree with everything that a tree needs, and no file.
//
// What a commit does to a tree is done here to memory: its dirty pages get numbers and are copied
// to a "disk". So a tree is edited as it is in a database: some of its pages clean, some dirty.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "quire/engine/page/layout.hpp"
#include "quire/engine/space/space.hpp"
#include "quire/engine/tree/arena.hpp"
#include "quire/engine/tree/tree_editor.hpp"
#include "quire/engine/tree/verified_tags.hpp"
#include "support/model_material.hpp"

namespace quire::test {

class TreeWorld {
 public:
  TreeWorld(std::uint32_t page_size, std::uint32_t alignment_log2);

  [[nodiscard]] const Pages& pages() const { return context_.pages; }
  [[nodiscard]] const TreeRoot& root() const { return editor_->root(); }
  [[nodiscard]] const Arena& arena() const { return arena_; }
  [[nodiscard]] const Space& space() const { return space_; }
  [[nodiscard]] std::uint32_t page_size() const { return page_size_; }

  /// As a transaction stores: inline where the page allows it, else in a run.
  EditOutcome put(Bytes key, Bytes value, PutMode mode);
  EditOutcome erase(const std::string& key);
  std::uint64_t erase_range(const KeySpan& span);
  void clear();

  /// The transaction's pages go to the disk, and the next one begins; or only the former.
  void commit();
  void write_early();
  /// Everything is as it was after the last commit.
  void abandon();

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };

  void begin(const TreeRoot& root);
  PageRef place();
  LeafValue write_run(Bytes value);
  void release_displaced(const EditOutcome& outcome);

  std::uint32_t page_size_;
  std::unique_ptr<std::byte[], Free> disk_;
  PageTags tags_;
  Arena arena_;
  Space space_;
  EditContext context_;
  TreeRoot committed_;
  mutable std::optional<TreeEditor> editor_;  // brings its counts up to date for who only looks
  layout::OverflowReference reference_{};
};

}  // namespace quire::test
