// A monster with something in every field, for the tests that store one.
#pragma once

#include <doctest/doctest.h>
#include <monster_bfbs_generated.h>
#include <monster_generated.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace quire::test {

inline std::unique_ptr<monsters::WeaponT> weapon(const std::string& name, std::int16_t damage) {
  auto made = std::make_unique<monsters::WeaponT>();
  made->name = name;
  made->damage = damage;
  return made;
}

inline monsters::MonsterT sample_monster(const std::string& name) {
  monsters::MonsterT monster;
  monster.name = name;
  monster.place = std::make_unique<monsters::Place>(1.0F, 2.0F, 3.5);
  monster.hp = 80;
  monster.mana = std::int16_t{0};
  monster.color = monsters::Color::green;
  monster.inventory = {1, 2, 3, 5};
  monster.titles = {"the first", "the great"};
  monster.weapons.push_back(weapon("axe", 12));
  monster.weapons.push_back(weapon("sword", 20));
  monster.path = {{0.0F, 0.0F, 0.0}, {1.0F, 1.0F, 0.5}};
  monster.equipped.Set(monsters::WeaponT(*weapon("bow", 9)));
  monster.others.resize(2);
  monster.others[0].Set(monsters::ShieldT());
  monster.others[1].Set(monsters::WeaponT());
  monster.companion = std::make_unique<monsters::MonsterT>();
  monster.companion->name = "companion of " + name;
  for (const char* member : {"first", "second"}) {
    monster.band.push_back(std::make_unique<monsters::MonsterT>());
    monster.band.back()->name = member;
  }
  constexpr std::array<float, 4> lanes{0.0F, 0.25F, 0.375F, 0.5F};
  monster.lanes = std::make_unique<monsters::Lanes>(flatbuffers::make_span(lanes));
  return monster;
}

/// A finished builder with that monster in it.
inline flatbuffers::FlatBufferBuilder builder_of(const monsters::MonsterT& monster) {
  flatbuffers::FlatBufferBuilder builder(1024, nullptr, false, 16);
  builder.Finish(monsters::Monster::Pack(builder, &monster));
  return builder;
}

/// Whether it says what sample_monster(name) says.
inline void check_sample(const monsters::Monster& monster, const std::string& name) {
  CHECK(monster.name()->str() == name);
  CHECK(monster.place()->z() == 3.5);
  CHECK(monster.hp() == 80);
  CHECK(monster.mana() == 0);
  CHECK(monster.color() == monsters::Color::green);
  CHECK(monster.inventory()->Get(3) == 5);
  CHECK(monster.titles()->Get(1)->str() == "the great");
  CHECK(monster.weapons()->Get(1)->damage() == 20);
  CHECK(monster.path()->Get(1)->z() == 0.5);
  CHECK(monster.equipped_as_Weapon()->name()->str() == "bow");
  CHECK(monster.others()->size() == 2);
  CHECK(monster.companion()->name()->str() == "companion of " + name);
  CHECK(monster.band()->Get(1)->name()->str() == "second");
  CHECK(monster.lanes()->at()->Get(3) == 0.5F);
}

}  // namespace quire::test
