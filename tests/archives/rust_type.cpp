#include "archives/rust_type.hpp"

#include <cctype>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

namespace quire::test {
namespace {

using kvtool::Json;

std::string lower(std::string text) {
  for (char& letter : text)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

/// By descent over Name<A, B>, (A, B), [T; N] and [T].
class Describer {
 public:
  explicit Describer(const Json& types) : types_(types) {}

  std::string run(std::string_view text) {
    rest_ = text;
    std::string made = type();
    if (!rest_.empty()) throw std::runtime_error("more behind a type: " + std::string(rest_));
    return made;
  }

 private:
  bool accept(std::string_view mark) {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(mark.size());
    return true;
  }
  std::string word() {
    accept("");
    std::size_t size = 0;
    while (size < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[size])) != 0 || rest_[size] == '_'))
      ++size;
    const std::string taken(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return taken;
  }
  std::vector<std::string> list(std::string_view end) {
    std::vector<std::string> parts;
    while (!accept(end)) {
      parts.push_back(type());
      accept(",");
    }
    return parts;
  }

  std::string type() {
    if (accept("(")) {
      const auto parts = list(")");
      return parts.empty() ? "unit" : "tuple(" + joined(parts) + ")";
    }
    if (accept("[")) {
      const std::string element = type();
      if (accept("]")) return "slice(" + element + ")";
      accept(";");
      const std::string made = "array(" + element + "," + word() + ")";
      accept("]");
      return made;
    }
    const std::string name = word();
    const std::vector<std::string> arguments = accept("<") ? list(">") : std::vector<std::string>();
    return arguments.empty() ? plain(name) : applied(name, arguments);
  }

  std::string plain(const std::string& name) {
    static const std::map<std::string, std::string> known = {
        {"String", "string"},         {"CString", "cstring"},
        {"Duration", "duration"},     {"Ipv4Addr", "array(u8,4)"},
        {"Ipv6Addr", "array(u8,16)"}, {"SocketAddrV4", "tuple(array(u8,4),u16)"}};
    if (const auto found = known.find(name); found != known.end()) return found->second;
    if (name == "IpAddr")
      return named("IpAddr", "enum(IpAddr,V4=0(0:array(u8,4)),V6=1(0:array(u8,16)))");
    if (name.starts_with("NonZero")) return "nonzero(" + lower(name.substr(7)) + ")";
    return types_.contains(name) ? defined(name) : name;
  }
  std::string applied(const std::string& name, const std::vector<std::string>& arguments) {
    static const std::map<std::string, std::string> known = {{"Vec", "vec"},
                                                             {"VecDeque", "vec"},
                                                             {"Box", "box"},
                                                             {"Rc", "rc"},
                                                             {"Arc", "arc"},
                                                             {"Option", "option"},
                                                             {"Result", "result"},
                                                             {"HashMap", "hash_map"},
                                                             {"HashSet", "hash_set"},
                                                             {"BTreeMap", "btree_map"},
                                                             {"BTreeSet", "btree_set"},
                                                             {"Entry", "tuple"}};
    const std::string all = joined(arguments);
    if (const auto found = known.find(name); found != known.end())
      return found->second + "(" + all + ")";
    if (name == "Weak") return "weak(rc(" + all + "))";
    if (name == "Range" || name == "RangeInclusive") return "tuple(" + all + "," + all + ")";
    if (name == "Bound")
      return named("Bound_" + all, "enum(Bound_" + all + ",Included=0(0:" + all +
                                       "),Excluded=1(0:" + all + "),Unbounded=2)");
    const std::string inner = all.substr(7, all.size() - 8);  // without "option(" and ")"
    if (name == "Niche") return "niche(" + inner + ")";
    if (name == "NicheNaN") return "niche_nan(" + inner + ")";
    if (name == "NicheBool") return "niche_bool";
    throw std::runtime_error("an unknown type: " + name);
  }

  std::string named(const std::string& name, const std::string& definition) {
    return begun_.insert(name).second ? definition : "ref(" + name + ")";
  }
  std::string defined(const std::string& name) {
    if (!begun_.insert(name).second) return "ref(" + name + ")";
    const Json& type = types_[name];
    std::string made = (type["kind"] == "enum" ? "enum(" : "struct(") + name;
    if (type.contains("fields"))
      for (const Json& field : type["fields"]) made += "," + this->field(field[0], field[1]);
    if (type.contains("variants"))
      for (const Json& each : type["variants"]) made += "," + variant(each);
    return made + ")";
  }
  std::string field(const std::string& name, const std::string& rust_type) {
    const std::string_view outer = std::exchange(rest_, rust_type);
    std::string made = name + ":" + type();
    rest_ = outer;
    return made;
  }
  std::string variant(const Json& variant) {
    std::vector<std::string> fields;
    if (variant.contains("tuple"))
      for (const Json& each : variant["tuple"])
        fields.push_back(field(std::to_string(fields.size()), each));
    if (variant.contains("fields"))
      for (const Json& each : variant["fields"]) fields.push_back(field(each[0], each[1]));
    const std::string made =
        variant["name"].get<std::string>() + "=" + std::to_string(variant["tag"].get<int>());
    return fields.empty() ? made : made + "(" + joined(fields) + ")";
  }

  const Json& types_;
  std::string_view rest_;
  std::set<std::string> begun_;
};

}  // namespace

std::string description_of(std::string_view rust_type, const Json& types) {
  return Describer(types).run(rust_type);
}

}  // namespace quire::test
