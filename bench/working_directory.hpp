// The directory that a benchmark puts its files into.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

namespace bench {

/// Makes a directory of our own within another, and takes it away again.
class WorkingDirectory {
 public:
  WorkingDirectory(const std::string& parent, const std::string& name)
      : parent_(parent),
        path_(parent + "/" + name),
        has_made_parent_(std::filesystem::create_directories(parent)) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;
  ~WorkingDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    if (has_made_parent_) std::filesystem::remove(parent_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string parent_;
  std::string path_;
  bool has_made_parent_;
};

}  // namespace bench
