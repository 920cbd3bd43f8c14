namespace Serverless.Core;

/// <summary>Error names. Uses MLflow's name wherever MLflow has one.</summary>
public static class ErrorCodes
{
    public const string InvalidParameterValue = "INVALID_PARAMETER_VALUE";
    public const string BadRequest = "BAD_REQUEST";
    public const string ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS";
    public const string ResourceDoesNotExist = "RESOURCE_DOES_NOT_EXIST";
    public const string ResourceConflict = "RESOURCE_CONFLICT";
    public const string InvalidState = "INVALID_STATE";
    public const string PermissionDenied = "PERMISSION_DENIED";
    public const string TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE";
    public const string InternalError = "INTERNAL_ERROR";
    public const string NotImplemented = "NOT_IMPLEMENTED";

    /// <summary>A task's component threw or its command exited with a non-zero code.</summary>
    public const string TaskFailed = "TASK_FAILED";

    /// <summary>A task did not end within its timeout.</summary>
    public const string TaskTimedOut = "TASK_TIMED_OUT";

    /// <summary>The run was cancelled, or an approval was rejected.</summary>
    public const string Canceled = "CANCELED";

    /// <summary>Data violates its schema or a gate.</summary>
    public const string ValidationFailed = "VALIDATION_FAILED";

    /// <summary>A program or port that this machine needs is unavailable.</summary>
    public const string Environment = "ENVIRONMENT";

    /// <summary>The disk is full or not writable.</summary>
    public const string StorageFull = "STORAGE_FULL";
}
