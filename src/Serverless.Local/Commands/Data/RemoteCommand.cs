using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Configuration;

namespace Serverless.Local.Commands.Data;

/// <summary>Manages the remotes that data is pushed to and pulled from.</summary>
internal static class RemoteCommand
{
    public static Command Create()
    {
        var command = new Command("remote", "Manage the remotes of the data repository.")
        {
            Add(),
            List(),
            Default(),
            Modify(),
            Remove(),
            Rename(),
        };
        command.WithExample(
            "mlops remote add -d storage azure://container/prefix\nmlops remote modify --local storage connection_string "
                + "'DefaultEndpointsProtocol=…'"
        );
        return command;
    }

    /// <summary>Stores a path relative to its configuration file, as DVC does. Other values are stored as given.</summary>
    public static string Stored(string section, string key, string value, string file)
    {
        var isPath =
            (section == "cache" && key == "dir")
            || (
                section.StartsWith("remote:", StringComparison.Ordinal)
                && key is "url" or "keyfile" or "credentialpath" or "configpath" or "cert_path" or "key_path"
            );
        return !isPath || value.Contains("://", StringComparison.Ordinal) || Path.IsPathRooted(value) || value.StartsWith('~')
            ? value
            : Path.GetRelativePath(Path.GetDirectoryName(file)!, Path.GetFullPath(value)).Replace('\\', '/');
    }

    private static Command Add()
    {
        var (name, url) = (
            Name(),
            new Argument<string>("url")
            {
                Description = "Remote URL: azure://container/prefix, a folder, or the URL of this platform's API.",
            }
        );
        var isDefault = new Option<bool>("--default", "-d") { Description = "Make it the default remote." };
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite a remote of the same name." };
        return Editing(
            new Command("add", "Add a remote.") { name, url, isDefault, force },
            (parsed, config, level) =>
            {
                var (remote, file) = (
                    parsed.GetValue(name)!.ToLowerInvariant(),
                    ConfigLevels.File(config, level ?? ConfigLevel.Repository)
                );
                if (file.HasSection("remote:" + remote))
                {
                    if (!parsed.GetValue(force))
                    {
                        throw ServerlessException.Conflict(
                            $"config file error: remote '{remote}' already exists. Use `-f|--force` to overwrite it."
                        );
                    }

                    file.RemoveSection("remote:" + remote);
                }

                if (parsed.GetValue(isDefault))
                {
                    if (!parsed.GetValue<bool>(QuietName))
                    {
                        Console.Out.WriteLine($"Setting '{remote}' as a default remote.");
                    }

                    file.Set("core", "remote", remote);
                }

                file.Set("remote:" + remote, "url", Stored("remote:" + remote, "url", parsed.GetValue(url)!, file.Path));
                file.Save();
                return 0;
            }
        );
    }

    private static Command List() =>
        Editing(
            new Command("list", "List the remotes."),
            (_, config, level) =>
            {
                var options = level is { } only
                    ? [.. ConfigLevels.File(config, only).Options()]
                    : config.All.Select(o => (o.Section, o.Key, o.Value)).ToList();
                foreach (
                    var (section, _, url) in options.Where(o => o.Section.StartsWith("remote:", StringComparison.Ordinal) && o.Key == "url")
                )
                {
                    var name = section[7..];
                    var shown = level is null ? config.Location(section, "url") : url;
                    Console.Out.WriteLine(
                        $"{name}\t{shown}"
                            + (options.Exists(o => o is { Section: "core", Key: "remote" } && o.Value == name) ? "\t(default)" : "")
                    );
                }

                return 0;
            }
        );

    private static Command Default()
    {
        var (name, unset) = (
            new Argument<string?>("name")
            {
                Description = "Remote to make the default. Omit to show the current one.",
                Arity = ArgumentArity.ZeroOrOne,
            },
            new Option<bool>("--unset", "-u") { Description = "Clear the default remote." }
        );
        return Editing(
            new Command("default", "Show or set the default remote.") { name, unset },
            (parsed, config, level) =>
            {
                var file = ConfigLevels.File(config, level ?? ConfigLevel.Repository);
                if (parsed.GetValue(unset))
                {
                    file.Remove("core", "remote");
                    file.Save();
                }
                else if (parsed.GetValue(name)?.ToLowerInvariant() is { } remote)
                {
                    if (!config.Remotes.Contains(remote))
                    {
                        throw ServerlessException.NotFound(
                            "config file error: default remote must be present in remote list.",
                            "List the remotes with `mlops remote list`."
                        );
                    }

                    file.Set("core", "remote", remote);
                    file.Save();
                }
                else
                {
                    var current = level is null
                        ? config.DefaultRemote
                        : file.Options().FirstOrDefault(o => o is { Section: "core", Key: "remote" }).Value;
                    Console.Out.WriteLine(current ?? "No default remote set");
                    return current is null ? 1 : 0;
                }

                return 0;
            }
        );
    }

    private static Command Modify()
    {
        var (name, option, value) = (
            Name(),
            new Argument<string>("option") { Description = "Option name." },
            new Argument<string?>("value") { Description = "Option value.", Arity = ArgumentArity.ZeroOrOne }
        );
        var unset = new Option<bool>("--unset", "-u") { Description = "Remove the option." };
        return Editing(
            new Command("modify", "Change an option of a remote.") { name, option, value, unset },
            (parsed, config, level) =>
            {
                var (remote, key) = (Existing(config, parsed.GetValue(name)!), parsed.GetValue(option)!.ToLowerInvariant());
                var file = ConfigLevels.File(config, level ?? ConfigLevel.Repository);
                if (parsed.GetValue(unset))
                {
                    file.Remove("remote:" + remote, key);
                }
                else
                {
                    var text =
                        parsed.GetValue(value)
                        ?? throw ServerlessException.Invalid(
                            "a value is required",
                            $"Run `mlops remote modify {remote} {key} VALUE`, or use -u to remove the option."
                        );
                    file.Set("remote:" + remote, key, Stored("remote:" + remote, key, text, file.Path));
                }

                file.Save();
                return 0;
            }
        );
    }

    private static Command Remove()
    {
        var name = Name();
        return Editing(
            new Command("remove", "Remove a remote.") { name },
            (parsed, config, level) =>
            {
                var (remote, file) = (
                    parsed.GetValue(name)!.ToLowerInvariant(),
                    ConfigLevels.File(config, level ?? ConfigLevel.Repository)
                );
                if (!file.RemoveSection("remote:" + remote))
                {
                    throw Unknown(remote);
                }

                file.Save();
                ForgetDefault(config, level ?? ConfigLevel.Repository, remote, null);
                return 0;
            }
        );
    }

    private static Command Rename()
    {
        var (name, to) = (Name(), new Argument<string>("new") { Description = "New name." });
        return Editing(
            new Command("rename", "Rename a remote.") { name, to },
            (parsed, config, level) =>
            {
                var (remote, renamed) = (Existing(config, parsed.GetValue(name)!), parsed.GetValue(to)!.ToLowerInvariant());
                if (config.Remotes.Contains(renamed))
                {
                    throw ServerlessException.Conflict($"config file error: Rename failed. Remote name '{renamed}' already exists.");
                }

                var file = ConfigLevels.File(config, level ?? ConfigLevel.Repository);
                var options = file.Options().Where(o => o.Section == "remote:" + remote).ToList();
                if (options.Count == 0)
                {
                    throw Unknown(remote);
                }

                file.RemoveSection("remote:" + remote);
                options.ForEach(o => file.Set("remote:" + renamed, o.Key, o.Value));
                file.Save();
                ForgetDefault(config, level ?? ConfigLevel.Repository, remote, renamed);
                return 0;
            }
        );
    }

    // A default that names a removed remote would break every push: remove it from this file and from those that override it.
    private static void ForgetDefault(RepositoryConfig config, ConfigLevel upTo, string remote, string? renamed)
    {
        foreach (var level in Enum.GetValues<ConfigLevel>().Where(l => l >= upTo && config.PathOf(l) is not null))
        {
            var file = ConfigLevels.File(config, level);
            if (
                file.Options()
                    .Any(o => o is { Section: "core", Key: "remote" } && o.Value.Equals(remote, StringComparison.OrdinalIgnoreCase))
            )
            {
                if (renamed is null)
                {
                    file.Remove("core", "remote");
                }
                else
                {
                    file.Set("core", "remote", renamed);
                }

                file.Save();
            }
        }
    }

    private const string QuietName = "--quiet";

    private static Command Editing(Command command, Func<ParseResult, RepositoryConfig, ConfigLevel?, int> work)
    {
        var levels = new ConfigLevels();
        levels.AddTo(command);
        // Quiet by default: only `add` prints more.
        command.Options.Add(DataCommand.Quiet());
        return command.Guard((parsed, _) => Task.FromResult(work(parsed, ConfigLevels.Load(), levels.Of(parsed))));
    }

    private static Argument<string> Name() => new("name") { Description = "Remote name." };

    private static string Existing(RepositoryConfig config, string name) =>
        config.Remotes.Contains(name.ToLowerInvariant()) ? name.ToLowerInvariant() : throw Unknown(name.ToLowerInvariant());

    private static ServerlessException Unknown(string remote) =>
        ServerlessException.NotFound($"config file error: remote '{remote}' doesn't exist.", "List the remotes with `mlops remote list`.");
}
