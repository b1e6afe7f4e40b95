/// The bodies of the API, as `OpenAPIReader` reads them: a schema for each type of `Wire`, with its fields in order.
enum OpenAPISchemas {
    /// What a client sends: read strictly.
    static let requests = """
        RegisterRequest  A worker process makes itself known.
          machine  MachineDescription  The computer it runs on.
          workerName  string(255)  The name it holds on its machine.
          pid  integer(1,2147483647)
          version  string(128)  Of the work that it runs.
          processKey  string(128)  Random, made once by the process.
          predecessorEnded  boolean?  The process that held this name before is known to be dead.
          queues  string(128)[]?  At most 64.
          studies  string(128)[]?  Names or ids of studies it serves; at most 64.
          slots  integer(1,10000)?  How many jobs it runs side by side; 1 unless said.
          capabilities  object?  What its jobs may require.
          connectors  ConnectorState[]?  At most 32.
        MachineDescription  A computer as its agent describes it.
          id  string(128)  Kept by the agent; no address.
          hostname  string(255)
          addresses  string(256)[]?
          os  string(64)
          arch  string(64)
          cores  integer(1,1000000)?
          memoryBytes  integer(0,)?
          gpus  string(256)[]?
          bootId  string(128)?  Another one is a reboot: what lived before it is dead.
        HeartbeatRequest  A session's whole state. A lost one costs nothing.
          status  SessionStatus  `starting`, `running` or `stopping`; at the end `stopped`.
          utilisation  Utilisation?
          connectors  ConnectorState[]?  At most 32.
          held  HeldState[]?  Every job it holds; at most 10,000.
        HeldState  A held job as its worker sees it now.
          job  JobID
          attempt  integer(0,1000000000)
          running  boolean?  It has started.
          fraction  number(0,1)?
          stage  string(128)?
          stageFraction  number(0,1)?
        ClaimRequest  Up to `count` jobs of the session's queues and studies, or one assignment by index.
          count  integer(1,1000)?  1 unless said.
          held  AttemptRef[]?  What it knows that it holds: what was given and is not here is given again.
          waitMilliseconds  integer(0,60000)?  How long to wait for work to arrive.
          study  string(128)?  Only of this study, by name or id.
          index  integer(0,2147483647)?  Exactly this assignment of `study`.
          reports  Report[]?  At most 1,000, applied first, in the same transaction. Such a claim does not wait.
        ReportBatch  An ordered batch of reports.
          reports  Report[]?  At most 1,000, with rising numbers.
        Report  One thing that happened.
          number  integer(1,)  1, 2, 3 … within the session; at or below the last applied it is skipped.
          type  ReportKind
          job  JobID?  Absent only for log lines of the worker itself.
          attempt  integer(0,1000000000)?  Beside every `job`.
          fraction  number(0,1)?
          stage  string(128)?
          stageFraction  number(0,1)?
          etaSeconds  number(0,10000000000)?  From the server's receipt.
          message  string(512)?
          lines  NewLogLine[]?  At most 1,000.
          exitCode  integer(-1000,1000000)?
          reason  string(2048)?
          result  any?  At most 65,536 bytes; a larger one is an artifact.
        NewLogLine  A log line on its way in.
          at  time?  The worker's own time; for reading only.
          level  LogLevel?  `info` unless said.
          text  string(8192)?
        NewJob  One job to be put on a queue.
          queue  string(128)?  `default` unless said.
          payload  any?  The job's configuration, given to the worker as the same text.
          requires  object?  What a worker's capabilities must have.
          priority  integer(-1000000,1000000)?  The higher goes first.
          runAt  time?  Not before.
          uniqueKey  string(256)?  At most one job of a queue has it: a second submission finds the first.
          label  string(256)?
          maximumAttempts  integer(1,1000)?
        SubmitRequest  Several jobs, all or none.
          jobs  NewJob[]  From 1 to 1,000.
        NewStudy  One configuration and how to split it, or ready-made assignments in the order of their indices.
          name  string(128)
          configuration  any?  With `split`.
          split  object?  `{"by": [{"path": "a.b", "groups": 2}, …]}` or `{"auto": {"splits": 12}}`; or a preset.
          assignments  any[]?  In place of `configuration` and `split`; at most 1,000,000.
          requires  object?  What a worker's capabilities must have.
          priority  integer(-1000000,1000000)?
          maximumAttempts  integer(1,1000)?
        NewArtifact  A place is wanted for a file of an attempt.
          job  JobID
          attempt  integer(0,1000000000)
          name  string(512)  Relative, with `/` between its parts and no `..`.
          mediaType  string(128)?  By the end of the name unless said.
        NewToken  A token is wanted.
          name  string(128)  Who or what has it.
          role  TokenRole

        """

    static let replies = """
        Nothing  An empty object.
        RegisterReply  The answer to a registration.
          session  SessionID
          token  string  The session's own; shown this once.
          epoch  string
          heartbeatMilliseconds  integer(1,)  How often to say the whole state.
          serverTime  time
        HeartbeatReply  The server's whole wish.
          lost  AttemptRef[]  No longer this session's: stop them, report nothing.
          cancel  AttemptRef[]  A person wants them ended.
          drain  boolean  Take no more, finish what is held, stop.
          leaseMilliseconds  integer(0,)  What is held and not lost is good for at least this long.
        ClaimReply  What was handed out.
          jobs  ClaimedJob[]
          finished  boolean  Nothing more will come of the studies that were asked.
          acknowledged  integer(0,)?  Beside reports: everything up to here is on disk.
          lost  AttemptRef[]?  Beside reports: what the session no longer holds.
        ClaimedJob  A job in a worker's hands.
          job  JobID
          attempt  integer(0,)
          study  StudyID?
          studyName  string?
          index  integer(0,)?
          label  string?
          queue  string?
          payload  any  The job's configuration, with key order and spelling of numbers as given.
          leaseMilliseconds  integer(0,)
        ReportReply  What of a batch is on disk.
          acknowledged  integer(0,)  Everything up to here.
          lost  AttemptRef[]
        SubmitReply  What became of submitted jobs, in order.
          jobs  SubmittedJob[]
        SubmittedJob  What became of one.
          id  JobID
          new  boolean  False where a job of the same `uniqueKey` was there before.
        ArtifactTicket  Where to put a file.
          id  ArtifactID
          uploadUrl  string  A path on this server, or a whole URL of another store.
          expiresAt  time
        ArtifactDetail  A file, and from where its bytes come.
          artifact  ArtifactRecord
          downloadUrl  string  A path on this server, or a whole URL of another store.
        SessionDetail  A session with its machine and history.
          session  SessionRecord
          machine  MachineRecord
          lastHeardAt  time?
          attempts  AttemptRecord[]
          transitions  TransitionRecord[]
        JobDetail  A job with its documents and history.
          job  JobRecord
          payload  any
          result  any?
          attempts  AttemptRecord[]
          transitions  TransitionRecord[]
          artifacts  ArtifactRecord[]
        StudyDetail  A study, with its configuration where that was asked for.
          id  StudyID
          name  string
          status  StudyStatus
          counts  JobCounts
          dimensions  string[]
          forecast  StudyForecast
          createdAt  time
          startedAt  time?
          finishedAt  time?
          seq  integer(0,)
          notes  string[]?
          configuration  any?
        SessionList  A page of sessions, with when each was last heard.
          items  SessionRecord[]
          beats  times
          next  string?  The cursor of the next page, where there is one.
        JobList  A page of jobs.
          items  JobRecord[]
          next  string?  The cursor of the next page, where there is one.
        StudyList  A page of studies.
          items  StudyRecord[]
          next  string?  The cursor of the next page, where there is one.
        QueueList  All queues.
          items  QueueRecord[]
          next  string?  Never there.
        ArtifactList  The files of a job or a study.
          items  ArtifactRecord[]
          next  string?  Never there.
        TokenList  All tokens.
          items  TokenRecord[]
          next  string?  Never there.
        LogPage  Log lines in order.
          lines  LogLine[]
          next  integer(0,)  What to send as `after` for those that follow.
        Snapshot  Everything in a scope as of one sequence.
          epoch  string
          seq  integer(0,)
          scope  string
          items  WatchItem[]
          beats  times
        VersionReply  Which program this is.
          version  string
          epoch  string?
        TokenReply  A new token.
          id  string
          name  string
          role  TokenRole
          token  string  Shown this once.
        TokenRecord  A token, without its secret.
          id  string
          name  string
          role  TokenRole
          createdAt  time
          revokedAt  time?
        Problem  A problem document (RFC 9457).
          type  string  `urn:muster:problem:` and a word for programs.
          title  string
          status  integer(400,599)
          detail  string  What is wrong, with the value in it, and the way out.
          errors  FieldError[]?
          lost  AttemptRef[]?  For `lease-lost`.
          acknowledged  integer(0,)?  For a batch of reports: everything up to here is on disk.
        FieldError  A field that is not as it should be.
          field  string  The path to it: `reports[2].attempt`; empty for the body itself.
          reason  string

        """
}
