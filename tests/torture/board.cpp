#include "torture/board.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "torture/breach.hpp"

namespace quire::test {

void Board::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  demand(descriptor >= 0 && ::ftruncate(descriptor, sizeof(Content)) == 0, "cannot make the board");
  ::close(descriptor);
}

Board::Board(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  void* const address =
      ::mmap(nullptr, sizeof(Content), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  demand(descriptor >= 0 && address != MAP_FAILED, "cannot map the board");
  ::close(descriptor);
  content_ = static_cast<Content*>(address);
}

Board::~Board() { ::munmap(content_, sizeof(Content)); }

Floor Board::floor() const {
  Floor floor;
  for (const BoardLine& line : content_->lines) {
    floor.used = std::max(floor.used, TxnId{line.used});
    floor.txn = std::max(floor.txn, TxnId{line.txn});
    floor.durable = std::max(floor.durable, TxnId{line.durable});
    for (std::uint32_t writer = 0; writer < writer_count; ++writer)
      floor.numbers[writer] = std::max<std::uint64_t>(floor.numbers[writer], line.numbers[writer]);
  }
  return floor;
}

}  // namespace quire::test
