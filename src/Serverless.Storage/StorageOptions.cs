using System.Globalization;
using Serverless.Core;

namespace Serverless.Storage;

/// <summary>The location of blobs and tables. The local default needs no configuration.</summary>
public sealed record StorageOptions
{
    /// <summary>The names of the settings for the storage account, as the Functions host uses them.</summary>
    public const string ConnectionSetting = "AzureWebJobsStorage";
    public const string AccountSetting = "AzureWebJobsStorage__accountName";
    public const string ClientIdSetting = "AzureWebJobsStorage__clientId";
    public const string WorkspaceSetting = "MLOPS_WORKSPACE";
    public const string ToleranceSetting = "MLOPS_OUTAGE_TOLERANCE";

    /// <summary>Gets the connection string of the storage account. Default: Azurite.</summary>
    public string ConnectionString { get; init; } = "UseDevelopmentStorage=true";

    /// <summary>
    /// Gets the account to reach with the identity of this app or person, without a key. Takes precedence over the connection string.
    /// </summary>
    public string? AccountName { get; init; }

    /// <summary>Gets the client id of the user-assigned identity. Default: the identity that the environment offers.</summary>
    public string? ClientId { get; init; }

    /// <summary>Gets the isolated workspace, which is the first part of every partition key and blob name.</summary>
    public string Workspace { get; init; } = "default";

    /// <summary>Gets how long a call is retried while the store does not answer. The default outlasts a restart of the store.</summary>
    public TimeSpan OutageTolerance { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Reads the options from the environment. Missing settings keep their defaults.</summary>
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

    /// <summary>Gets how long this environment waits for a store that does not answer, or null if it does not say.</summary>
    public static TimeSpan? ToleranceOf(Func<string, string?> setting) =>
        setting(ToleranceSetting) is { Length: > 0 } text ? Seconds(text) : null;

    /// <summary>Returns all problems of these options.</summary>
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
                    $"'{account}' is not a valid storage account name.",
                    "Use only its name: 3 to 24 lower-case letters and digits."
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
                    "Remove the setting to use Azurite on this machine."
                )
            );
        }

        if (Workspace.Length is 0 or > 60 || !Workspace.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            found.Add(
                new Diagnostic(
                    "workspace",
                    0,
                    $"'{Workspace}' is not a valid workspace name.",
                    "Use 1 to 60 lower-case letters, digits and '-'."
                )
            );
        }

        if (OutageTolerance <= TimeSpan.Zero)
        {
            found.Add(
                new Diagnostic(
                    "outageTolerance",
                    0,
                    "The duration must be positive.",
                    "Set a positive duration. The default is two minutes."
                )
            );
        }

        return found;
    }

    private static TimeSpan Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw new ServerlessException(
                ErrorCodes.Environment,
                $"{ToleranceSetting} is '{text}'.",
                "Set the number of seconds to wait for a store that does not answer, such as 120, or remove the setting."
            );
}
