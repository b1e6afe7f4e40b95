#include "CLibPQ.h"
#include <dlfcn.h>
#include <pthread.h>

// All that is called of libpq, with the types of its own header.
#define EACH_FUNCTION(of)                                                                                              \
    of(PQclear) of(PQcmdStatus) of(PQcmdTuples) of(PQconndefaults) of(PQconnectdbParams) of(PQconninfoFree)            \
    of(PQconsumeInput) of(PQenterPipelineMode) of(PQerrorMessage) of(PQexec) of(PQexitPipelineMode) of(PQfinish)       \
    of(PQfreemem) of(PQftype) of(PQgetisnull) of(PQgetlength) of(PQgetResult) of(PQgetvalue) of(PQnfields)             \
    of(PQnotifies) of(PQnparams) of(PQntuples) of(PQparamtype) of(PQpipelineStatus) of(PQpipelineSync)                 \
    of(PQresultErrorField) of(PQresultErrorMessage) of(PQresultStatus) of(PQsendDescribePrepared) of(PQsendPrepare)    \
    of(PQsendQueryPrepared) of(PQserverVersion) of(PQsetNoticeProcessor) of(PQsocket) of(PQstatus)

struct table {
#define MEMBER(name) __typeof__(name) *name;
    EACH_FUNCTION(MEMBER)
#undef MEMBER
};

static struct table libpq;
static bool is_filled;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void say(char *reason, size_t size, const char *words) {
    if (size > 0) snprintf(reason, size, "%s", words);
}

bool libpq_load(const char *name, char *reason, size_t size, bool *missing) {
    struct table found;
    *missing = false;
    // It stays open for good: there are connections until the end.
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *words = dlerror();
        say(reason, size, words == NULL ? name : words);
        return false;
    }
#define FIND(function)                                                                                                 \
    found.function = (__typeof__(found.function))dlsym(library, #function);                                            \
    if (found.function == NULL) {                                                                                      \
        *missing = true;                                                                                               \
        say(reason, size, #function);                                                                                  \
        dlclose(library);                                                                                              \
        return false;                                                                                                  \
    }
    EACH_FUNCTION(FIND)
#undef FIND
    pthread_mutex_lock(&lock);
    if (!is_filled) {
        libpq = found;
        is_filled = true;
    }
    pthread_mutex_unlock(&lock);
    return true;
}

// MARK: The functions, each with the types that its header gave it.

void PQclear(PGresult *result) { libpq.PQclear(result); }

char *PQcmdStatus(PGresult *result) { return libpq.PQcmdStatus(result); }
char *PQcmdTuples(PGresult *result) { return libpq.PQcmdTuples(result); }

PQconninfoOption *PQconndefaults(void) { return libpq.PQconndefaults(); }

PGconn *PQconnectdbParams(const char *const *keywords, const char *const *values, int expands) {
    return libpq.PQconnectdbParams(keywords, values, expands);
}

void PQconninfoFree(PQconninfoOption *options) { libpq.PQconninfoFree(options); }

int PQconsumeInput(PGconn *connection) { return libpq.PQconsumeInput(connection); }

int PQenterPipelineMode(PGconn *connection) { return libpq.PQenterPipelineMode(connection); }

char *PQerrorMessage(const PGconn *connection) { return libpq.PQerrorMessage(connection); }

PGresult *PQexec(PGconn *connection, const char *text) { return libpq.PQexec(connection, text); }

int PQexitPipelineMode(PGconn *connection) { return libpq.PQexitPipelineMode(connection); }

void PQfinish(PGconn *connection) { libpq.PQfinish(connection); }

void PQfreemem(void *memory) { libpq.PQfreemem(memory); }

Oid PQftype(const PGresult *result, int column) { return libpq.PQftype(result, column); }

PGresult *PQgetResult(PGconn *connection) { return libpq.PQgetResult(connection); }

int PQgetisnull(const PGresult *result, int row, int column) { return libpq.PQgetisnull(result, row, column); }

int PQgetlength(const PGresult *result, int row, int column) { return libpq.PQgetlength(result, row, column); }

char *PQgetvalue(const PGresult *result, int row, int column) { return libpq.PQgetvalue(result, row, column); }

int PQnfields(const PGresult *result) { return libpq.PQnfields(result); }

PGnotify *PQnotifies(PGconn *connection) { return libpq.PQnotifies(connection); }

int PQnparams(const PGresult *result) { return libpq.PQnparams(result); }

int PQntuples(const PGresult *result) { return libpq.PQntuples(result); }

Oid PQparamtype(const PGresult *result, int parameter) { return libpq.PQparamtype(result, parameter); }

PGpipelineStatus PQpipelineStatus(const PGconn *connection) { return libpq.PQpipelineStatus(connection); }

int PQpipelineSync(PGconn *connection) { return libpq.PQpipelineSync(connection); }

char *PQresultErrorField(const PGresult *result, int field) { return libpq.PQresultErrorField(result, field); }

char *PQresultErrorMessage(const PGresult *result) { return libpq.PQresultErrorMessage(result); }

ExecStatusType PQresultStatus(const PGresult *result) { return libpq.PQresultStatus(result); }

int PQsendDescribePrepared(PGconn *connection, const char *name) {
    return libpq.PQsendDescribePrepared(connection, name);
}

int PQsendPrepare(PGconn *connection, const char *name, const char *text, int count, const Oid *types) {
    return libpq.PQsendPrepare(connection, name, text, count, types);
}

int PQsendQueryPrepared(
    PGconn *connection, const char *name, int count, const char *const *values, const int *lengths,
    const int *formats, int resultFormat
) {
    return libpq.PQsendQueryPrepared(connection, name, count, values, lengths, formats, resultFormat);
}

int PQserverVersion(const PGconn *connection) { return libpq.PQserverVersion(connection); }

PQnoticeProcessor PQsetNoticeProcessor(PGconn *connection, PQnoticeProcessor processor, void *argument) {
    return libpq.PQsetNoticeProcessor(connection, processor, argument);
}

int PQsocket(const PGconn *connection) { return libpq.PQsocket(connection); }

ConnStatusType PQstatus(const PGconn *connection) { return libpq.PQstatus(connection); }
