// A process that has the file of a test open beside it, and does something when it is told to.
#pragma once

#include <functional>
#include <string>

#include "processes/shared_file.hpp"

namespace quire::test {

/// Has the file open from its making on; its work is done in the other process. Ends as killed.
class OtherProcess {
 public:
  using Work = std::function<std::uint64_t(const Database&)>;

  explicit OtherProcess(const std::string& path, const Work& work = {})
      : child_([&] {
          const Database own = open_shared(path);
          answer_.send(0);
          while (order_.receive()) answer_.send(work(own));
          return 0;
        }) {
    answer_.only_receive();
    REQUIRE(answer_.receive().has_value());
  }

  /// What its work gives.
  std::uint64_t run() {
    order_.send(0);
    return answer_.receive().value();
  }
  void kill() { child_.kill(); }

 private:
  Pipe order_;
  Pipe answer_;
  ChildProcess child_;
};

}  // namespace quire::test
