using System.Globalization;
using Serverless.Core;

namespace Serverless.Data.Configuration;

/// <summary>The origin of a setting. A later one takes precedence.</summary>
public enum ConfigLevel
{
    System,
    Global,
    Repository,
    Local,
}

/// <summary>Gives access to DVC's settings, merged from the files of the machine, the user, the repository and this copy.</summary>
public sealed class RepositoryConfig
{
    private readonly string? controlFolder;
    private readonly Dictionary<(string Section, string Key), (string Value, ConfigLevel Level)> options = [];

    private RepositoryConfig(string? controlFolder) => this.controlFolder = controlFolder;

    /// <param name="controlFolder">The repository's `.dvc`, or null outside a repository.</param>
    public static RepositoryConfig Load(string? controlFolder)
    {
        var config = new RepositoryConfig(controlFolder);
        foreach (var level in Enum.GetValues<ConfigLevel>())
        {
            if (config.PathOf(level) is { } path && File.Exists(path))
            {
                foreach (var (section, key, value) in ConfigFile.Load(path).Options())
                {
                    config.options[(section, key)] = (value, level);
                }
            }
        }

        return config;
    }

    /// <summary>Gets the merged options with their origin.</summary>
    public IEnumerable<(string Section, string Key, string Value, ConfigLevel Level)> All =>
        options.Select(o => (o.Key.Section, o.Key.Key, o.Value.Value, o.Value.Level));

    public string? this[string section, string key] => options.TryGetValue((section, key), out var found) ? found.Value : null;

    public bool Flag(string section, string key, bool otherwise = false) =>
        this[section, key] is not { } text
            ? otherwise
            : text.ToLowerInvariant() switch
            {
                "true" or "1" or "yes" or "on" => true,
                "false" or "0" or "no" or "off" => false,
                _ => throw ServerlessException.Invalid(
                    $"config file error: '{section}.{key}' is '{text}', expected a boolean",
                    "Use true or false."
                ),
            };

    public int? Number(string section, string key) =>
        this[section, key] is not { } text ? null
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= 1 ? number
        : throw ServerlessException.Invalid($"config file error: '{section}.{key}' is '{text}', expected a whole number from 1 on");

    /// <summary>
    /// Reads a path. A relative path starts at the folder of the file that contains it; `~` is the user's folder; a URL is returned
    /// unchanged.
    /// </summary>
    public string? Location(string section, string key)
    {
        if (!options.TryGetValue((section, key), out var found) || found.Value.Contains("://", StringComparison.Ordinal))
        {
            return found.Value;
        }

        var value =
            found.Value == "~" || found.Value.StartsWith("~/", StringComparison.Ordinal)
                ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + found.Value[1..]
                : found.Value;
        return Path.GetFullPath(value, Path.GetDirectoryName(Path.GetFullPath(PathOf(found.Level)!))!);
    }

    /// <summary>Gets the names of the remotes, in the order of their files.</summary>
    public IReadOnlyList<string> Remotes =>
        [.. options.Keys.Where(k => k.Section.StartsWith("remote:", StringComparison.Ordinal)).Select(k => k.Section[7..]).Distinct()];

    /// <summary>Gets the name of the default remote.</summary>
    public string? DefaultRemote => this["core", "remote"]?.ToLowerInvariant();

    /// <summary>
    /// Returns every option of a remote as written, or nothing if the remote does not exist. For a URL with a relative path, see <see
    /// cref="Location"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Remote(string name) =>
        options
            .Where(o => o.Key.Section == "remote:" + name.ToLowerInvariant())
            .ToDictionary(o => o.Key.Key, o => o.Value.Value, StringComparer.Ordinal);

    /// <summary>Returns the file of a level, or null for the repository's levels outside a repository.</summary>
    public string? PathOf(ConfigLevel level) =>
        level switch
        {
            ConfigLevel.System => Path.Combine(Variable("DVC_SYSTEM_CONFIG_DIR") ?? "/etc/xdg/dvc", "config"),
            ConfigLevel.Global => Path.Combine(Variable("DVC_GLOBAL_CONFIG_DIR") ?? Path.Combine(UserConfig, "dvc"), "config"),
            ConfigLevel.Repository => controlFolder is null ? null : Path.Combine(controlFolder, "config"),
            _ => controlFolder is null ? null : Path.Combine(controlFolder, "config.local"),
        };

    private static string UserConfig =>
        Variable("XDG_CONFIG_HOME")
        ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            OperatingSystem.IsMacOS() ? "Library/Application Support" : ".config"
        );

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
