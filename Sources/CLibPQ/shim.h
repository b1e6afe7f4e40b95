// libpq, where the platform keeps it: Debian has a folder of its own for its headers.
#pragma once
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif
