// libpq as its own header declares it, and the way to load it. The functions that are called are defined in CLibPQ.c;
// they lead into the library, and nobody may call one before `libpq_load` said that it is there.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// Where the platform keeps it: Debian has a folder of its own for its headers, Homebrew links no keg of libpq.
// Hidden: a libpq that comes into the process by another way must not find ours in place of its own.
#pragma GCC visibility push(hidden)
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#elif __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#elif __has_include("/opt/homebrew/opt/libpq/include/libpq-fe.h")
#include "/opt/homebrew/opt/libpq/include/libpq-fe.h"
#else
#include "/usr/local/opt/libpq/include/libpq-fe.h"
#endif

/// Opens the library `name`, and fills the table that the functions of libpq-fe.h lead through, unless it is filled.
///
/// - Parameters:
///   - reason: where it returns false, why: the linker's words, or the function that the library does not have.
///   - missing: whether a function is missing, and not the library.
bool libpq_load(const char *name, char *reason, size_t size, bool *missing);
#pragma GCC visibility pop
