#include "quire/formats/flatbuffers_evolution.hpp"

#include <doctest/doctest.h>

namespace quire::test {
namespace {

std::string difference(std::string_view stored, std::string_view asked) {
  return detail::flatbuffers_difference(stored, asked).value_or("none");
}
/// Of a table M with one field, and a definition beside it.
std::string with_definition(std::string_view definition) {
  return "flatbuffers(M," + std::string(definition) + ",table(M,0:x:T),bfbs:AAAA)";
}
std::string differing(std::string_view stored, std::string_view asked) {
  return difference(with_definition(stored), with_definition(asked));
}

TEST_CASE("the schema itself is not compared") {
  CHECK(difference("flatbuffers(M,table(M,0:x:i8),bfbs:AAAA)",
                   "flatbuffers(M,table(M,0:x:i8),bfbs:BBBBBB)") == "none");
  CHECK(difference("flatbuffers(M)", "flatbuffers(M)") == "none");
}

TEST_CASE("what only adds may be opened, and not the other way round") {
  const auto check_added = [](std::string_view stored, std::string_view asked) {
    CAPTURE(stored);
    CHECK(differing(stored, asked) == "none");
    CHECK(differing(asked, stored) != "none");
  };
  check_added("table(T,0:a:i8)", "table(T,0:a:i8,1:b:i8)");
  check_added("table(T)", "table(T,0:a:string)");
  check_added("enum(T,i8,0:a)", "enum(T,i8,0:a,1:b)");
  check_added("enum(T,i8,1:b)", "enum(T,i8,0:a,1:b)");
  check_added("union(T,0:NONE,1:A:A)", "union(T,0:NONE,1:A:A,2:B:B)");
  check_added("table(T)", "table(N,0:a:i8),table(T,0:a:N)");
}

TEST_CASE("what changes is named") {
  CHECK(differing("table(T,2:hp:i16=100)", "table(T,2:hp:i32=100)") ==
        "in T stored 2:hp:i16=100, asked 2:hp:i32=100");
  CHECK(differing("table(T,0:a:i8,1:b:i8)", "table(T,0:a:i8)") ==
        "in T stored 1:b:i8, asked nothing");
  CHECK(differing("table(T,0:a:i8)", "table(T,0:a:i8=1)") == "in T stored 0:a:i8, asked 0:a:i8=1");
  CHECK(differing("table(T,0:a:i8)", "table(T,0:a:i8,1:b:string:required)") ==
        "in T stored nothing, asked 1:b:string:required");
  CHECK(differing("struct(T,size=1,align=1,0:a:i8)", "struct(T,size=2,align=1,0:a:i8,1:b:i8)") ==
        "in T stored size=1, asked size=2");
  CHECK(differing("struct(T,size=4,align=4,0:a:i8)", "struct(T,size=4,align=4,0:a:i8,1:b:i8)") ==
        "in T stored nothing, asked 1:b:i8");
  CHECK(differing("enum(T,i8,0:a)", "enum(T,i16,0:a)") == "in T stored i8, asked nothing");
  CHECK(differing("table(T)", "struct(T,size=0,align=1)") ==
        "stored table T, asked none of that name");
}

TEST_CASE("other tables, other formats, and a schema on one side alone are refused") {
  CHECK(difference("flatbuffers(M)", "flatbuffers(N)") == "stored M, asked N");
  CHECK(difference("text", "flatbuffers(N)") == "stored text, asked flatbuffers");
  CHECK(difference("flatbuffers(M)", with_definition("table(T)")) ==
        "stored no schema, asked a schema");
  CHECK(difference(with_definition("table(T)"), "flatbuffers(M)") ==
        "stored a schema, asked no schema");
}

// Descriptors come from files, too.
TEST_CASE("texts that are no descriptors do no harm") {
  for (const std::string_view text :
       {"flatbuffers(", "flatbuffers()", "flatbuffers(M", "flatbuffers(M,)", "flatbuffers(M,(),x)",
        "flatbuffers(M,table(,),x)", "flatbuffers(M,table())", "flatbuffers(M,table)",
        "flatbuffers(M)))((,", "flatbuffers(M,table(((((M)"}) {
    CAPTURE(text);
    CHECK(difference(text, with_definition("table(T)")) != "none");
    CHECK(difference(with_definition("table(T)"), text) != "none");
    CHECK(difference(text, text) == "none");
  }
}

}  // namespace
}  // namespace quire::test
