using System.Globalization;
using Serverless.Core;

namespace Serverless.Storage;

/// <summary>Where blobs and tables are. The local default needs no configuration at all.</summary>
public sealed record StorageOptions
{
    /// <summary>The settings that say where the storage account is, as the Functions host names them.</summary>
    public const string ConnectionSetting = "AzureWebJobsStorage";
    public const string AccountSetting = "AzureWebJobsStorage__accountName";
    public const string ClientIdSetting = "AzureWebJobsStorage__clientId";
    public const string WorkspaceSetting = "MLOPS_WORKSPACE";
    public const string ToleranceSetting = "MLOPS_OUTAGE_TOLERANCE";

    /// <summary>A storage account's connection string; Azurite's by default.</summary>
    public string ConnectionString { get; init; } = "UseDevelopmentStorage=true";

    /// <summary>
    /// An account that is reached with the identity of this app or person, without any key. It takes the place of the connection string.
    /// </summary>
    public string? AccountName { get; init; }

    /// <summary>Which user-assigned identity; none: the one that the environment offers.</summary>
    public string? ClientId { get; init; }

    /// <summary>The isolated workspace: the first part of every partition key and of every blob's name.</summary>
    public string Workspace { get; init; } = "default";

    /// <summary>How long a call goes on trying while the store does not answer: long enough for a restart of it.</summary>
    public TimeSpan OutageTolerance { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The options of this environment; what is not set keeps its default.</summary>
    public static StorageOptions FromEnvironment() => From(Environment.GetEnvironmentVariable);

    public static StorageOptions From(Func<string, string?> setting)
    {
        var defaults = new StorageOptions();
        return defaults with
        {
            ConnectionString = Given(ConnectionSetting) ?? defaults.ConnectionString,
            AccountName = Given(ConnectionSetting) is null ? Given(AccountSetting) : null,
            ClientId = Given(ClientIdSetting),
            Workspace = Given(WorkspaceSetting) ?? defaults.Workspace,
            OutageTolerance = ToleranceOf(setting) ?? defaults.OutageTolerance,
        };

        string? Given(string name) => setting(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>How long this environment wants a store waited for that does not answer; null where it does not say.</summary>
    public static TimeSpan? ToleranceOf(Func<string, string?> setting) =>
        setting(ToleranceSetting) is { Length: > 0 } text ? Seconds(text) : null;

    /// <summary>Every problem of these options at once.</summary>
    public IReadOnlyList<Diagnostic> Validate()
    {
        var found = new List<Diagnostic>();
        if (
            AccountName is { } account
            && !(account.Length is >= 3 and <= 24 && account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
        )
        {
            found.Add(
                new Diagnostic(
                    AccountSetting,
                    0,
                    $"'{account}' is not a storage account's name.",
                    "Use its name alone: 3 to 24 lower-case letters and digits."
                )
            );
        }

        if (AccountName is null && string.IsNullOrWhiteSpace(ConnectionString))
        {
            found.Add(
                new Diagnostic(
                    "AzureWebJobsStorage",
                    0,
                    "The connection string is empty.",
                    "Leave the setting out to use Azurite on this machine."
                )
            );
        }

        if (Workspace.Length is 0 or > 60 || !Workspace.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            found.Add(
                new Diagnostic("workspace", 0, $"'{Workspace}' is not a workspace name.", "Use 1 to 60 lower-case letters, digits and '-'.")
            );
        }

        if (OutageTolerance <= TimeSpan.Zero)
        {
            found.Add(new Diagnostic("outageTolerance", 0, "The time must be positive.", "Two minutes is the default."));
        }

        return found;
    }

    private static TimeSpan Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw new ServerlessException(
                ErrorCodes.Environment,
                $"{ToleranceSetting} is '{text}'.",
                "Give the seconds to wait for a store that does not answer, such as 120, or leave it out."
            );
}
