/// Every operation of the API, as `OpenAPIReader` reads it. Pages, and what keeps an open page true, are not among
/// them: they are for browsers and change with the dashboard.
enum OpenAPIOperations {
    static let all = sessions + jobs + studies + artifacts + watch + service

    private static let sessions = """
        POST /api/v1/sessions  registerSession  worker
          Register a worker process. The same `processKey` again is the same session, with a fresh token.
          body RegisterRequest
          201 RegisterReply  The session and its token, which is shown this once.
        GET /api/v1/sessions  listSessions  viewer
          List sessions, the newest first.
          query ended  boolean?  Those too that have a successor of the same name.
          query limit  integer(1,500)?  How many; 100 unless said.
          query cursor  string(20)?  `next` of the page before.
          200 SessionList  A page of sessions.
          problems 422
        GET /api/v1/sessions/{id}  getSession  viewer
          Show a session with its machine and its history.
          path id  SessionID  The session.
          200 SessionDetail  The session.
          problems 404
        DELETE /api/v1/sessions/{id}  deleteSession  operator
          Delete a session; a live one only by force, and then its agent is told and stops.
          path id  SessionID  The session.
          query force  boolean?  Also a live one.
          204 -  It is gone.
          problems 404 409 422 503
        POST /api/v1/sessions/{id}/heartbeat  sayHeartbeat  session
          Say the session's whole state, and hear the server's whole wish.
          path id  SessionID  The session.
          body HeartbeatRequest
          200 HeartbeatReply  What to stop, and whether to drain.
          problems 404 410
        POST /api/v1/sessions/{id}/claims  claimJobs  session
          Claim jobs, waiting for them where `waitMilliseconds` says so; reports may come along.
          path id  SessionID  The session.
          body ClaimRequest
          200 ClaimReply  What is now in this session's hands; empty where nothing came in time.
          problems 404 409 410
        POST /api/v1/sessions/{id}/reports  reportAttempts  session
          Report what happened, in order. Replaying a batch changes nothing.
          path id  SessionID  The session.
          body ReportBatch
          200 ReportReply  Everything up to `acknowledged` is on disk.
          problems 404 409
        GET /api/v1/sessions/{id}/pictures/{position}  getPicture  viewer
          Read the newest picture of one tab of the window of a session's program.
          path id  SessionID  The session.
          path position  integer(0,)  Which tab, from 0.
          query attempt  string(64)?  Of an agent's session: which attempt's window, such as `j12.1`.
          200 bytes  The picture, JPEG or PNG.
          problems 404
        POST /api/v1/sessions/{id}/drain  drainSession  operator
          Let a session finish what it holds, take no more, and stop.
          path id  SessionID  The session.
          200 Nothing  Its agent will hear of it.
          problems 404 409
        GET /api/v1/sessions/{id}/logs  listSessionLines  viewer
          Read a session's log lines, in order.
          path id  SessionID  The session.
          query after  integer(0,)?  Lines with greater numbers.
          query limit  integer(1,1000)?  How many; 1,000 unless said.
          200 LogPage  Lines, and where the next page begins.
          problems 404 422
        GET /api/v1/sessions/{id}/logs/stream  followSessionLines  viewer
          Follow a session's log: `lines` events, each an array of LogLine, the last one's number as `id`.
          path id  SessionID  The session.
          query after  integer(0,)?  Lines with greater numbers.
          header Last-Event-ID  string(40)?  Where an earlier stream ended.
          200 events  An event stream that does not end.
          problems 404 422

        """

    private static let jobs = """
        POST /api/v1/jobs  submitJobs  operator
          Submit one job, or up to 1,000, all or none.
          header Idempotency-Key  string(256)?  The same key again is the same submission; with another body, 409.
          body NewJob,SubmitRequest
          200 SubmitReply  All were there before.
          201 SubmitReply  What became of each, in order.
          problems 409
        GET /api/v1/jobs  listJobs  viewer
          List jobs, the newest first; those of a study in the order of their indices.
          query queue  string(128)?  Only of this queue.
          query status  JobStatus?  Only in this state.
          query study  string(128)?  Only of this study, by id or name.
          query index  string(8000)?  Of a study: only these indices, such as `0,2,4-7`.
          query limit  integer(1,500)?  How many; 100 unless said.
          query cursor  string(20)?  `next` of the page before.
          200 JobList  A page of jobs.
          problems 404 422
        GET /api/v1/jobs/{id}  getJob  viewer
          Show a job with payload, result and history.
          path id  JobID  The job.
          200 JobDetail  The job.
          problems 404
        DELETE /api/v1/jobs/{id}  deleteJob  operator
          Delete a job that no worker holds, with its files.
          path id  JobID  The job.
          204 -  It is gone.
          problems 404 409 503
        POST /api/v1/jobs/{id}/cancel  cancelJob  operator
          Cancel a job: a waiting one at once, a held one through its worker.
          path id  JobID  The job.
          200 JobRecord  The job as it is now.
          problems 404 409
        POST /api/v1/jobs/{id}/retry  retryJob  operator
          Let a failed or cancelled job be tried again.
          path id  JobID  The job.
          200 JobRecord  The job as it is now.
          problems 404 409
        GET /api/v1/jobs/{id}/logs  listJobLines  viewer
          Read a job's log lines, in order.
          path id  JobID  The job.
          query after  integer(0,)?  Lines with greater numbers.
          query limit  integer(1,1000)?  How many; 1,000 unless said.
          200 LogPage  Lines, and where the next page begins.
          problems 404 422
        GET /api/v1/jobs/{id}/logs/stream  followJobLines  viewer
          Follow a job's log: `lines` events, each an array of LogLine, the last one's number as `id`.
          path id  JobID  The job.
          query after  integer(0,)?  Lines with greater numbers.
          header Last-Event-ID  string(40)?  Where an earlier stream ended.
          200 events  An event stream that does not end.
          problems 404 422
        GET /api/v1/queues  listQueues  viewer
          List queues with their counts.
          200 QueueList  All queues.

        """

    private static let studies = """
        POST /api/v1/studies  createStudy  operator
          Create a study from a configuration and its split, or from ready-made assignments.
          body NewStudy
          201 StudyRecord  The study.
          problems 409
        GET /api/v1/studies  listStudies  viewer
          List studies, the newest first.
          query limit  integer(1,500)?  How many; 100 unless said.
          query cursor  string(20)?  `next` of the page before.
          200 StudyList  A page of studies.
          problems 422
        GET /api/v1/studies/{id}  getStudy  viewer
          Show a study.
          path id  string(128)  Its id or its name.
          query configuration  boolean?  With the configuration that it was split from.
          200 StudyDetail  The study.
          problems 404 422
        DELETE /api/v1/studies/{id}  deleteStudy  operator
          Delete a study with its assignments and files. Workers that hold some of it are told.
          path id  string(128)  Its id or its name.
          204 -  It is gone.
          problems 404 503
        GET /api/v1/studies/{id}/assignments  listAssignments  viewer
          List a study's assignments in the order of their indices.
          path id  string(128)  Its id or its name.
          query index  string(8000)?  Only these indices, such as `0,2,4-7`.
          query status  JobStatus?  Only in this state.
          query limit  integer(1,500)?  How many; 100 unless said.
          query cursor  string(20)?  `next` of the page before.
          200 JobList  A page of assignments.
          problems 404 422
        POST /api/v1/studies/{id}/pause  pauseStudy  operator
          Hand out no more of a study.
          path id  string(128)  Its id or its name.
          200 StudyRecord  The study as it is now.
          problems 404 409
        POST /api/v1/studies/{id}/resume  resumeStudy  operator
          Hand out a study's assignments again.
          path id  string(128)  Its id or its name.
          200 StudyRecord  The study as it is now.
          problems 404 409
        POST /api/v1/studies/{id}/cancel  cancelStudy  operator
          Cancel what is not finished of a study.
          path id  string(128)  Its id or its name.
          200 StudyRecord  The study as it is now.
          problems 404 409
        POST /api/v1/studies/{id}/retry-failed  retryStudy  operator
          Let a study's failed assignments be tried again; of a cancelled one, the cancelled too.
          path id  string(128)  Its id or its name.
          200 StudyRecord  The study as it is now.
          problems 404 409

        """

    private static let artifacts = """
        POST /api/v1/artifacts  openArtifact  session
          Ask for a place to put a file of an attempt that the session holds.
          body NewArtifact
          201 ArtifactTicket  Where to `PUT` the bytes, and until when.
          problems 404 409
        GET /api/v1/artifacts  listArtifacts  viewer
          List the files of a job or a study. One of the two is to be named.
          query job  JobID?  The job.
          query study  string(128)?  The study, by id or name.
          200 ArtifactList  All files.
          problems 404 422
        GET /api/v1/artifacts/{id}  getArtifact  viewer
          Show a file, and from where its bytes come.
          path id  ArtifactID  The file.
          200 ArtifactDetail  The file, with an address that is good for an hour.
          problems 404
        PUT /files/{id}  uploadFile  signed
          Bring a file's bytes. One of the same name of the same attempt is replaced.
          path id  ArtifactID  The file.
          query right  string(5)  `write`.
          query until  integer(0,)  Until when the address is good, in milliseconds since 1970.
          query signature  string(64)  The server's.
          body bytes
          201 ArtifactRecord  It is on disk.
          problems 403 404 409
        GET /files/{id}  downloadFile  signed
          Read a file's bytes, or one range of them.
          path id  ArtifactID  The file.
          query right  string(5)  `read`.
          query until  integer(0,)  Until when the address is good, in milliseconds since 1970.
          query signature  string(64)  The server's.
          header Range  string?  One range of bytes.
          header If-None-Match  string?  The tag of what the client has.
          200 bytes  The file.
          206 bytes  The range.
          304 -  The client has it.
          problems 403 404 416
        HEAD /files/{id}  describeFile  signed
          Read what a download would say of a file.
          path id  ArtifactID  The file.
          query right  string(5)  `read`.
          query until  integer(0,)  Until when the address is good, in milliseconds since 1970.
          query signature  string(64)  The server's.
          header Range  string?  One range of bytes.
          header If-None-Match  string?  The tag of what the client has.
          200 -  The file's length and type.
          206 -  The range's length.
          304 -  The client has it.
          problems 403 404 416

        """

    private static let watch = """
        GET /api/v1/snapshot  takeSnapshot  viewer
          Take everything in a scope as of one sequence.
          query scope  string(256)?  `fleet` (unless said), `study:ID`, `session:ID`, `queue:NAME` or `job:ID`.
          200 Snapshot  The scope.
          problems 422
        GET /api/v1/watch  watch  viewer
          Follow a scope: `put` (WatchItem), `delete` (WatchDeletion), `reset` and `beats` events.
          query scope  string(256)?  `fleet` (unless said), `study:ID`, `session:ID`, `queue:NAME` or `job:ID`.
          query since  integer(0,)?  The sequence of the snapshot that this goes on from.
          query epoch  string(64)?  The epoch of that snapshot.
          header Last-Event-ID  string(128)?  `EPOCH-SEQ`, where an earlier stream ended; goes before the query.
          200 events  An event stream that ends only with `reset`: then a new snapshot is to be taken.
          problems 422

        """

    private static let service = """
        POST /api/v1/tokens  createToken  admin
          Make a token of a role.
          body NewToken
          201 TokenReply  The token, which is shown this once.
        GET /api/v1/tokens  listTokens  admin
          List tokens, without their secrets.
          200 TokenList  All tokens.
        DELETE /api/v1/tokens/{id}  revokeToken  admin
          Revoke a token. It is worth nothing from now on.
          path id  string(20)  Its number.
          204 -  It is revoked.
          problems 404 503
        GET /api/v1/version  getVersion  open
          Which program this is, and the epoch of its sequence.
          200 VersionReply  The version.
        GET /api/v1/openapi.json  getDescription  open
          This document.
          200 object  This document.
        GET /healthz  getHealth  open
          Whether the process answers.
          200 text  It does.
        GET /readyz  getReadiness  open
          Whether the server can write.
          200 text  It can.
          problems 503
        GET /metrics  getMetrics  viewer
          Figures in the text format that Prometheus reads.
          200 text  The figures.
        """
}
