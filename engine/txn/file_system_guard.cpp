#include "quire/engine/txn/file_system_guard.hpp"

#include <array>

namespace quire {
namespace {

constexpr std::uint64_t probe_size = std::uint64_t{64} << 10;

Failure refused(const std::string& path, const FileSystemType& type, std::string_view why) {
  std::string detail = path;
  detail.append(" lies on a file system of type ").append(type.name).append(": ").append(why);
  detail.append("; with_any_file_system() opens it all the same");
  return fail(Error(ErrorCode::unsupported_file).with_detail(detail));
}

/// Writes at the beginning, at the end, and over what the map has shown already.
Result<bool> shows_writes(FileSystem& files, File& file) {
  if (Status grown = file.grow(probe_size); !grown) return fail(grown);
  const Result<Bytes> map = file.map(probe_size);
  if (!map) return fail(map);
  const auto nonce = files.unique_bytes();
  auto other = nonce;
  for (std::uint8_t& byte : other) byte ^= 0xFF;
  for (const auto& bytes : {nonce, other}) {
    const Bytes piece = std::as_bytes(std::span(bytes));
    for (const std::uint64_t offset : {std::uint64_t{0}, probe_size - piece.size()}) {
      if (Status written = file.write(offset, {&piece, 1}); !written) return fail(written);
      if (!equal(map->subspan(offset, piece.size()), piece)) return false;
    }
  }
  return true;
}

Result<bool> try_out(FileSystem& files, const File& file, const std::string& path) {
  const Result<std::unique_ptr<File>> probe = files.create_beside(path);
  if (!probe) return fail(probe);
  const bool is_beside = (*probe)->identity().front() == file.identity().front();
  Result<bool> shown = is_beside ? shows_writes(files, **probe)
                                 : fail(Error(ErrorCode::unsupported_file)
                                            .with_detail("the path leads to another file system"));
  files.discard(**probe);
  return shown;
}

}  // namespace

Status check_file_system(FileSystem& files, const File& file, const std::string& path,
                         const Options& options) {
  const FileSystemType& type = file.file_system();
  if (options.any_file_system || type.fitness == Fitness::fit) return {};
  if (type.fitness == Fitness::unfit) return refused(path, type, type.caution);
  if (options.access == Access::read_only) return {};
  const Result<bool> shown = try_out(files, file, path);
  // A full disk shuts nobody out: he may have come to erase something.
  if (!shown && shown.error().code() == ErrorCode::no_space) return {};
  if (!shown) return refused(path, type, "it could not be tried out: " + shown.error().message());
  if (!*shown) return refused(path, type, "what is written there is not seen through a memory map");
  return {};
}

}  // namespace quire
