// A guard shows values of its table's type and no others.
// must say: Country
// must say: City
#include <quire/quire.hpp>

struct City {
  double latitude, longitude;
};
struct Country {
  double area, people;
};

double area_of(const quire::Table<int, City>& cities) {
  const auto guard = cities.get(1).value().value();
#ifdef QUIRE_FIXED
  const City& city = *guard;
  return city.latitude;
#else
  const Country& country = *guard;
  return country.area;
#endif
}
