// What Swift cannot import of MPI: handles and constants that mpi.h defines as casting macros.
#pragma once
#include <mpi.h>
#include <sys/prctl.h>

static inline MPI_Comm cmpi_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Info cmpi_info_null(void) { return MPI_INFO_NULL; }
static inline MPI_Errhandler cmpi_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Datatype cmpi_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype cmpi_double(void) { return MPI_DOUBLE; }
static inline MPI_Datatype cmpi_int64(void) { return MPI_INT64_T; }
static inline MPI_Op cmpi_sum(void) { return MPI_SUM; }
static inline MPI_Op cmpi_max(void) { return MPI_MAX; }
static inline void *cmpi_in_place(void) { return MPI_IN_PLACE; }

// MPI_Init_thread without the program's arguments.
static inline int cmpi_init(int required, int *provided) { return MPI_Init_thread(NULL, NULL, required, provided); }

// Tests one request and says how many bytes it moved once it is done.
static inline int cmpi_test(MPI_Request *request, int *done, int *bytes) {
  MPI_Status status;
  int code = MPI_Test(request, done, &status);
  *bytes = 0;
  if (code == MPI_SUCCESS && *done) MPI_Get_count(&status, MPI_BYTE, bytes);
  return code;
}

// Lets this process get `signal` when the launcher that started it dies. prctl is variadic, so Swift cannot call it.
static inline int cmpi_signal_when_launcher_dies(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }
