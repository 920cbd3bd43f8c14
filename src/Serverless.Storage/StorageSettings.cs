namespace Serverless.Storage;

/// <summary>Reads where the storage account is from settings, as Azure Functions itself names them.</summary>
public static class StorageSettings
{
    public const string Name = "AzureWebJobsStorage";

    /// <summary>The account that the settings name; null if they name none.</summary>
    /// <param name="read">A setting's value by its name. Sections are `__` in an environment and `:` in a configuration; both are asked for.</param>
    /// <param name="options">What they are added to.</param>
    public static StorageOptions? Read(Func<string, string?> read, StorageOptions options)
    {
        if (read(Name) is { Length: > 0 } connectionString)
        {
            return options with { ConnectionString = connectionString };
        }

        var account = Of("accountName");
        var suffix = Of("endpointSuffix") ?? "core.windows.net";
        var found = options with
        {
            BlobServiceUri = UriOf("blobServiceUri", account is null ? null : $"https://{account}.blob.{suffix}"),
            TableServiceUri = UriOf("tableServiceUri", account is null ? null : $"https://{account}.table.{suffix}"),
            ClientId = Of("clientId"),
        };
        return found.BlobServiceUri is null && found.TableServiceUri is null ? null : found;

        string? Of(string part) => read($"{Name}__{part}") is { Length: > 0 } flat ? flat : read($"{Name}:{part}") is { Length: > 0 } nested ? nested : null;

        Uri? UriOf(string part, string? byDefault) => (Of(part) ?? byDefault) switch
        {
            null => null,
            { } text when Uri.TryCreate(text, UriKind.Absolute, out var uri) => uri,
            { } text => throw new ServerlessException(ErrorCodes.Environment, $"{Name}__{part} is '{text}', which is no address.", "Give the service's address, such as https://account.blob.core.windows.net."),
        };
    }
}
