extension OpenAPISchemas {
    /// What the server keeps and the watch carries, and the parts that requests and replies share.
    static let records = """
        AttemptRef  A job and an attempt at it.
          job  JobID
          attempt  integer(0,1000000000)
        ConnectorState  A service on a worker's machine.
          name  string(64)
          kind  string(64)
          status  ConnectorStatus
          detail  string(1024)?
        Utilisation  How busy a machine is; shares from 0 to 1.
          cpu  number(0,1)?
          memory  number(0,1)?
          gpu  number(0,1)?
          gpuMemory  number(0,1)?
          diskFreeBytes  integer(0,)?
        JobProgress  How far a job is.
          fraction  number(0,1)?
          stage  string?
          stageFraction  number(0,1)?
          etaAt  time?
          message  string?
        HeldJob  A job in a session's hands.
          job  JobID
          attempt  integer(0,)
          study  StudyID?
          studyName  string?
          index  integer(0,)?
          label  string?
          status  JobStatus
          progress  JobProgress
          claimedAt  time
          startedAt  time?
          cancelRequested  boolean
        MachineRecord  A computer.
          id  string
          hostname  string
          addresses  string[]
          os  string
          arch  string
          cores  integer(0,)?
          memoryBytes  integer(0,)?
          gpus  string[]
          bootId  string?
          firstSeenAt  time
          seq  integer(0,)  The sequence of its last change.
        SessionRecord  One lifetime of one worker process.
          id  SessionID
          machine  string
          hostname  string
          workerName  string
          pid  integer(0,)
          version  string
          status  SessionStatus
          statusSince  time
          queues  string[]
          studies  string[]
          slots  integer(0,)
          draining  boolean
          startedAt  time
          endedAt  time?
          endReason  string?
          utilisation  Utilisation
          connectors  ConnectorState[]
          held  HeldJob[]
          lastAttemptFailed  boolean
          completedCount  integer(0,)
          failedCount  integer(0,)
          previous  SessionID?  The session of the same name before it.
          seq  integer(0,)  The sequence of its last change.
          kind  string?  `agent`, or `legacy` for a client that names no session.
        JobRecord  One unit of work.
          id  JobID
          study  StudyID?
          studyName  string?
          index  integer(0,)?  In its study; for ever.
          label  string?
          queue  string?
          status  JobStatus
          scheduled  boolean  It waits for its `runAt`.
          attempt  integer(0,)  The newest; 0 before the first.
          holder  SessionID?
          holderName  string?
          priority  integer
          runAt  time?
          progress  JobProgress
          cancelRequested  boolean
          countedFailures  integer(0,)
          maximumAttempts  integer(0,)
          exitCode  integer?
          reason  string?
          warningCount  integer(0,)
          errorCount  integer(0,)
          artifactCount  integer(0,)
          createdAt  time
          claimedAt  time?
          startedAt  time?
          finishedAt  time?
          seq  integer(0,)  The sequence of its last change.
        JobCounts  How many jobs are in which state.
          pending  integer(0,)
          claimed  integer(0,)
          running  integer(0,)
          completed  integer(0,)
          failed  integer(0,)
          cancelled  integer(0,)
          total  integer(0,)
        StudyForecast  How far a study is, weighted by measured cost.
          fraction  number(0,1)
          remainingMilliseconds  integer(0,)?
          etaAt  time?
        StudyRecord  An ordered set of assignments.
          id  StudyID
          name  string
          status  StudyStatus
          counts  JobCounts
          dimensions  string[]  What it was split by.
          forecast  StudyForecast
          createdAt  time
          startedAt  time?
          finishedAt  time?
          seq  integer(0,)  The sequence of its last change.
          notes  string[]?  What its maker should know of how it was made.
        QueueRecord  A name by which jobs and workers meet.
          name  string
          paused  boolean
          counts  JobCounts
          seq  integer(0,)  The sequence of its last change.
        AttemptRecord  One try at a job by one session.
          job  JobID
          attempt  integer(0,)
          session  SessionID
          workerName  string
          claimedAt  time
          startedAt  time?
          endedAt  time?
          outcome  AttemptOutcome?
          exitCode  integer?
          reason  string?
        TransitionRecord  One change of state.
          kind  EntityKind
          id  string
          from  string?
          to  string
          at  time
          by  string
          why  string
          attempt  integer(0,)?
          seq  integer(0,)
        LogLine  A line of a log.
          number  integer(0,)
          at  time
          level  LogLevel
          text  string
          job  JobID?
          attempt  integer(0,)?
          style  string?  The line's type where its program has more of them than there are levels.
          position  integer(0,)?  Its place among the lines of its process that have one; it may have come late.
        ArtifactRecord  A file of an attempt.
          id  ArtifactID
          job  JobID
          attempt  integer(0,)
          session  SessionID
          name  string
          mediaType  string
          byteCount  integer(0,)
          sha256  string
          createdAt  time
        WatchItem  One entity, whole.
          kind  EntityKind
          id  string
          seq  integer(0,)
          value  MachineRecord,SessionRecord,QueueRecord,StudyRecord,JobRecord
        WatchDeletion  An entity is gone since `seq`.
          kind  EntityKind
          id  string
          seq  integer(0,)

        """
}
