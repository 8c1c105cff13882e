#include "support/recording_files.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <utility>

namespace quire::test {
namespace {

using Kind = Operation::Kind;

constexpr auto note_kind = static_cast<std::uint64_t>(Kind::evict) + 1;

std::uint64_t size_of(std::span<const Bytes> pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), std::uint64_t{0},
                         [](std::uint64_t size, Bytes piece) { return size + piece.size(); });
}

std::string last_part(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

class RecordingFile final : public ForwardingFile {
 public:
  RecordingFile(std::unique_ptr<File> file, RecordingFiles& files)
      : ForwardingFile(std::move(file)), files_(files) {}

  Status grow(std::uint64_t size) override {
    const Result<std::uint64_t> before = inner().size();
    if (!before) return fail(before);
    Status grown = inner().grow(size);
    if (grown && size > *before) files_.record(Kind::resize, *this, 0, size);
    return grown;
  }
  Status truncate(std::uint64_t size) override {
    Status cut = inner().truncate(size);
    if (cut) files_.record(Kind::resize, *this, 0, size);
    return cut;
  }
  Status write(std::uint64_t offset, std::span<const Bytes> pieces) override {
    Status written = inner().write(offset, pieces);
    if (written) files_.record(Kind::write, *this, offset, size_of(pieces), pieces);
    return written;
  }
  Status sync() override {
    files_.record(Kind::begin_sync, *this, 0, 0);
    files_.during_sync();
    files_.record(Kind::finish_sync, *this, 0, 0);
    return {};
  }
  Status lock(LockPlace place, LockKind kind, LockWait wait) override {
    if (wait == LockWait::yes) {
      Status taken = inner().lock(place, kind, LockWait::no);
      if (taken || taken.error().code() != ErrorCode::busy) return taken;
      files_.before_waiting();
    }
    return inner().lock(place, kind, wait);
  }

 private:
  RecordingFiles& files_;
};

/// Reads a tape entry by entry.
class Player {
 public:
  explicit Player(const std::string& path) : tape_(path, std::ios::binary) {}

  Playback play() {
    for (Tape::Entry entry; read(&entry, sizeof(entry));) {
      if (entry.kind == note_kind)
        playback_.notes.push_back({entry.file, entry.offset, entry.length, stop_count_});
      else
        add(entry);
    }
    return std::move(playback_);
  }

 private:
  bool read(void* into, std::size_t size) {
    return !!tape_.read(static_cast<char*>(into), static_cast<std::streamsize>(size));
  }

  void add(const Tape::Entry& entry) {
    Operation operation{
        .kind = static_cast<Kind>(entry.kind), .offset = entry.offset, .length = entry.length};
    std::vector<std::byte>& log = playback_.recording.log;
    operation.log_offset = log.size();
    if (operation.kind == Kind::write) {
      log.resize(log.size() + entry.payload);
      read(log.data() + operation.log_offset, entry.payload);
    } else {
      std::string name(entry.payload, '\0');
      read(name.data(), entry.payload);
      add_name(operation, entry.file, name);
    }
    operation.file = files_[entry.file].first;
    if (operation.is_stop()) ++stop_count_;
    playback_.recording.operations.push_back(std::move(operation));
  }

  /// A file that was discarded leaves its number to a later one.
  void add_name(Operation& operation, std::uint64_t file, const std::string& name) {
    if (operation.kind == Kind::create) {
      files_[file] = {file_count_++, name};
      operation.name = name;
    } else if (operation.kind == Kind::rename) {
      operation.name = std::exchange(files_[file].second, name);
      operation.target = name;
    } else if (operation.kind == Kind::remove) {
      operation.name = files_[file].second;
    }
  }

  std::ifstream tape_;
  Playback playback_;
  std::map<std::uint64_t, std::pair<FileNo, std::string>> files_;  // with their names now
  FileNo file_count_ = 0;
  std::size_t stop_count_ = 0;
};

}  // namespace

Playback play(const std::string& path) { return Player(path).play(); }

Tape::Tape(const std::string& path)
    : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

Tape::~Tape() { ::close(descriptor_); }

void Tape::say(const Note& note) const {
  add({.kind = note_kind, .file = note.what, .offset = note.number, .length = note.other});
}

/// In one call: so it is whole, and after all that was there.
void Tape::add(Entry entry, std::span<const Bytes> payload) const {
  entry.payload = size_of(payload);
  std::vector<::iovec> parts{{&entry, sizeof(entry)}};
  for (const Bytes piece : payload)
    parts.push_back({const_cast<std::byte*>(piece.data()), piece.size()});
  const auto size = static_cast<::ssize_t>(sizeof(entry) + entry.payload);
  if (::writev(descriptor_, parts.data(), static_cast<int>(parts.size())) == size) return;
  std::perror("tape");
  std::abort();
}

std::unique_ptr<ForwardingFile> RecordingFiles::wrap(std::unique_ptr<File> file) {
  return std::make_unique<RecordingFile>(std::move(file), *this);
}

void RecordingFiles::record(Kind kind, const File& file, std::uint64_t offset, std::uint64_t length,
                            std::span<const Bytes> payload) const {
  tape_.add({.kind = static_cast<std::uint64_t>(kind),
             .file = file.identity()[1],
             .offset = offset,
             .length = length},
            payload);
}

void RecordingFiles::record_name(Kind kind, const File& file, const std::string& path) const {
  const std::string name = last_part(path);
  const Bytes bytes = as_bytes(name);
  record(kind, file, 0, 0, {&bytes, 1});
}

Result<std::unique_ptr<File>> RecordingFiles::create_beside(const std::string& path) {
  Result<std::unique_ptr<File>> made = ForwardingFiles::create_beside(path);
  if (made) record_name(Kind::create, **made, path + ".new-" + std::to_string(::getpid()));
  return made;
}

Result<bool> RecordingFiles::publish(File& file, const std::string& path) {
  Result<bool> named = ForwardingFiles::publish(file, path);
  if (named && *named) record_name(Kind::rename, file, path);
  return named;
}

Status RecordingFiles::replace(File& file, const std::string& path) {
  Status named = ForwardingFiles::replace(file, path);
  if (named) record_name(Kind::rename, file, path);
  return named;
}

void RecordingFiles::discard(File& file) noexcept {
  record(Kind::remove, file, 0, 0);
  ForwardingFiles::discard(file);
}

Status RecordingFiles::sync_directory(const std::string&) {
  for (const Kind kind : {Kind::begin_directory_sync, Kind::finish_directory_sync})
    tape_.add({.kind = static_cast<std::uint64_t>(kind), .file = 0});
  return {};
}

}  // namespace quire::test
