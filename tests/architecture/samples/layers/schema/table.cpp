#include "schema/table.hpp"
#include <array>
#include <fstream>
#include <boost/system/error_code.hpp>
#include "reconciler/error.hpp"
