using Serverless.Core;
using Serverless.Data.Configuration;
using Serverless.Storage;
using Serverless.Storage.Blobs;

namespace Serverless.Data.Remotes;

/// <summary>Opens the remotes in a repository's configuration.</summary>
public static class RemoteFactory
{
    /// <param name="name">The name in the configuration; null for the default remote.</param>
    public static IRemote Open(RepositoryConfig config, string? name = null, HttpMessageHandler? handler = null)
    {
        name ??=
            config.DefaultRemote
            ?? throw ServerlessException.Invalid(
                "no remote specified" + (config.Remotes.Count == 0 ? "." : $"; there are: {string.Join(", ", config.Remotes)}."),
                "Specify one with `-r`, or set a default: `mlops remote add -d NAME URL`, `mlops remote default NAME`."
            );
        var options = config.Remote(name);
        if (!options.TryGetValue("url", out var url))
        {
            var near = NearestName.Find(name, config.Remotes);
            throw ServerlessException.Invalid(
                $"remote '{name}' doesn't exist" + (near is null ? "" : $"; is it '{near}'?"),
                "List the remotes with `mlops remote list`, or create one with `mlops remote add`."
            );
        }

        // As in DVC, a remote may be defined relative to another one.
        if (url.StartsWith("remote://", StringComparison.Ordinal))
        {
            var (other, rest) = url["remote://".Length..].Split('/', 2) is [var first, var path]
                ? (first, path)
                : (url["remote://".Length..], "");
            var below = new Dictionary<string, string>(config.Remote(other), StringComparer.Ordinal);
            foreach (var (key, value) in options.Where(o => o.Key != "url"))
            {
                below[key] = value;
            }

            url = below.GetValueOrDefault("url", "").TrimEnd('/') + "/" + rest;
            options = below;
        }
        else if (!url.Contains("://", StringComparison.Ordinal))
        {
            return new FolderRemote(config.Location("remote:" + name.ToLowerInvariant(), "url")!);
        }

        return Open(url, options, handler);
    }

    /// <param name="options">The remote's other options, with DVC's names.</param>
    public static IRemote Open(string url, IReadOnlyDictionary<string, string> options, HttpMessageHandler? handler = null)
    {
        if (!url.Contains("://", StringComparison.Ordinal))
        {
            return new FolderRemote(Path.GetFullPath(url));
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            throw ServerlessException.Invalid(
                $"'{url}' is not a valid remote URL.",
                "Use `azure://container/prefix`, a folder, or `https://host/w/workspace`."
            );
        }

        foreach (var unsupported in (string[])["version_aware", "worktree"])
        {
            if (options.TryGetValue(unsupported, out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase))
            {
                throw ServerlessException.Invalid(
                    $"Remotes with `{unsupported} = true` are not supported.",
                    "Remove the option. Objects are then stored by digest."
                );
            }
        }

        return parsed.Scheme switch
        {
            "azure" => new BlobRemote(
                BlobFolder.Open(Access(options, handler), ContainerOf(parsed), Uri.UnescapeDataString(parsed.AbsolutePath).Trim('/'))
            ),
            "http" or "https" => new ApiRemote(Root(parsed), Token(options), handler),
            "mlops" => new ApiRemote(
                Root(new UriBuilder(parsed) { Scheme = parsed.IsLoopback ? "http" : "https", Port = parsed.Port }.Uri),
                Token(options),
                handler
            ),
            "file" => new FolderRemote(parsed.LocalPath),
            _ => throw ServerlessException.Invalid(
                $"Remotes at {parsed.Scheme}:// are not supported.",
                "Use `azure://container/prefix`, a folder, or a workspace of the platform: `https://host/w/name`."
            ),
        };
    }

    /// <summary>
    /// Opens the container of `azure://container/path` or `remote://name/path` and returns the blob's name in it. Uses the credentials of
    /// the named remote, otherwise of a remote in the same container, otherwise of the environment.
    /// </summary>
    internal static (BlobFolder Container, string Name) Blob(RepositoryConfig config, string url)
    {
        IReadOnlyDictionary<string, string>? options = null;
        if (url.StartsWith("remote://", StringComparison.Ordinal))
        {
            var parts = url["remote://".Length..].Split('/', 2);
            options = config.Remote(parts[0]);
            url = options.GetValueOrDefault("url", "").TrimEnd('/') + "/" + (parts.Length > 1 ? parts[1] : "");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme != "azure")
        {
            throw ServerlessException.Invalid(
                $"'{url}' is not the URL of a blob.",
                "Use `azure://container/path`, or `remote://name/path` of an azure remote."
            );
        }

        options ??= config
            .Remotes.Select(config.Remote)
            .FirstOrDefault(o =>
                Uri.TryCreate(o.GetValueOrDefault("url"), UriKind.Absolute, out var other)
                && other.Scheme == "azure"
                && other.Host == parsed.Host
            );
        return (
            BlobFolder.Open(Access(options ?? new Dictionary<string, string>(), null), ContainerOf(parsed), ""),
            Uri.UnescapeDataString(parsed.AbsolutePath).Trim('/')
        );
    }

    private static string ContainerOf(Uri url) =>
        url.Host.Length > 0
            ? url.Host
            : throw ServerlessException.Invalid($"'{url}' has no container name.", "Use `azure://container/prefix`.");

    private static Uri Root(Uri url)
    {
        var path = url.AbsolutePath.TrimEnd('/');
        // `mlops://host/name` and `https://host` are short forms.
        path =
            path.Length == 0 ? "/w/default"
            : path.StartsWith("/w/", StringComparison.Ordinal) || path.Count(c => c == '/') > 1 ? path
            : "/w" + path;
        return new UriBuilder(url) { Path = path + "/" }.Uri;
    }

    private static string? Token(IReadOnlyDictionary<string, string> options) =>
        options.GetValueOrDefault("token") ?? options.GetValueOrDefault("password") ?? Variable("MLOPS_API_TOKEN");

    private static BlobAccess Access(IReadOnlyDictionary<string, string> options, HttpMessageHandler? handler)
    {
        string? Option(string name, string? variable = null) =>
            options.GetValueOrDefault(name) is { Length: > 0 } value ? value
            : variable is null ? null
            : Variable(variable);
        bool Flag(string name) => Option(name)?.ToLowerInvariant() is "true" or "1" or "yes" or "on";
        var access = new BlobAccess
        {
            ConnectionString = Option("connection_string", "AZURE_STORAGE_CONNECTION_STRING"),
            AccountName = Option("account_name", "AZURE_STORAGE_ACCOUNT"),
            AccountKey = Option("account_key", "AZURE_STORAGE_KEY"),
            SasToken = Option("sas_token", "AZURE_STORAGE_SAS_TOKEN"),
            TenantId = Option("tenant_id"),
            ClientId = Option("client_id"),
            ClientSecret = Option("client_secret"),
            IsAnonymous = Flag("allow_anonymous_login"),
            ExcludeEnvironment = Flag("exclude_environment_credential"),
            ExcludeManagedIdentity = Flag("exclude_managed_identity_credential"),
            Handler = handler,
        };
        return StorageOptions.ToleranceOf(Variable) is { } tolerance ? access with { OutageTolerance = tolerance } : access;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
