// Archives (rkyv) as JSON and back, as their schema says.
//
//   integers up to 64 bits   numbers; wider ones texts of digits
//   floats                   numbers; {"bits": "0x..."} for what JSON has no number for
//   option                   null or the value; {"some": value} where that could be null itself
//   enums, result            "Name" or {"Name": fields}
//   structs; tuples          objects; arrays. Fields of a variant as well.
//   maps; sets, sequences    arrays of [key, value]; arrays. {"count": number} for more than
//   100,000
//                            things without a size, which is not written again
//   box, rc, arc             the value; where it was shown before {"shared": number of it}
//   duration                 {"secs": number, "nanos": number}
//
// Law: write(read(archive)) gives the bytes of an archive that a writer of rkyv made. Hash tables
// are shown in an order in which inserting gives the same table.
#pragma once

#include "quire/formats/rkyv/schema.hpp"
#include "quire/quire.hpp"
#include "tools/json.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Of an archive that was checked.
Json read_archive(const quire::rkyv::Schema& schema, quire::Bytes archive);

/// The archive of a value. usage: it is none of the type, with where.
Outcome<quire::ByteString> write_archive(const quire::rkyv::Schema& schema, const Json& value);

}  // namespace kvtool
