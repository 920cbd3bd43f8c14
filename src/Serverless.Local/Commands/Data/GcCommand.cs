using System.CommandLine;
using System.Globalization;
using Serverless.Core;
using Serverless.Data.Maintenance;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

/// <summary>Garbage collection: a dry run unless told otherwise, and to be undone until purged.</summary>
internal static class GcCommand
{
    private const int DefaultGraceDays = 7;
    private const int DefaultKeepDays = 14;

    public static Command Create()
    {
        var workspace = new Option<bool>("--workspace", "-w") { Description = "Keep what the workspace uses." };
        var branches = new Option<bool>("--all-branches", "-a") { Description = "Keep what all branches use." };
        var tags = new Option<bool>("--all-tags", "-T") { Description = "Keep what all tags use." };
        var commits = new Option<bool>("--all-commits", "-A") { Description = "Keep what all commits use." };
        var projects = new Option<string[]>("--projects", "-p")
        {
            Description = "Other repositories of the same cache or remote; what they use stays.",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.ZeroOrMore,
        };
        var alone = new Option<bool>("--only-project") { Description = "No other repository uses the remote." };
        var cloud = CloudOption();
        var remote = RemoteOption();
        var jobs = new Option<int?>("--jobs", "-j") { Description = "How many requests at once." };
        var grace = new Option<double>("--grace")
        {
            Description = "Days for which even what nothing uses stays.",
            DefaultValueFactory = _ => DefaultGraceDays,
        };
        var apply = new Option<bool>("--force", "-f", "--apply") { Description = "Do it: without this, only what would go is shown." };
        var dry = new Option<bool>("--dry", "--dry-run")
        {
            Description = "Only show what would go, which is what happens without --force too.",
        };
        var command = new Command("gc", "Sets aside content that nothing uses; shows what would go unless --force is given.")
        {
            workspace,
            branches,
            tags,
            commits,
            projects,
            alone,
            cloud,
            remote,
            jobs,
            grace,
            apply,
            dry,
            Undo(),
            Purge(),
            Trash(),
        }.WithExample("mlops gc -w\nmlops gc -A -c --projects ../other --force\nmlops gc undo -c");
        return command.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                var selection = new UsedSelection
                {
                    Workspace =
                        parsed.GetValue(workspace) || parsed.GetValue(branches) || parsed.GetValue(tags) || parsed.GetValue(commits),
                    AllBranches = parsed.GetValue(branches),
                    AllTags = parsed.GetValue(tags),
                    AllCommits = parsed.GetValue(commits),
                };
                if (!selection.Workspace)
                {
                    throw ServerlessException.Invalid(
                        "Either of `-w|--workspace`, `-a|--all-branches`, `-T|--all-tags` or `-A|--all-commits` needs to be set.",
                        "They say what is in use and stays."
                    );
                }

                var (isCloud, isReal) = (parsed.GetValue(cloud), parsed.GetValue(apply) && !parsed.GetValue(dry));
                var others = parsed.GetValue(projects) ?? [];
                if (isCloud && isReal && others.Length == 0 && !parsed.GetValue(alone))
                {
                    throw ServerlessException.Invalid(
                        "A remote may serve several repositories, and what the others use would go.",
                        "Name them (`--projects ../a ../b`), or say that there are none (`--only-project`)."
                    );
                }

                await using var store = Open(repository, isCloud, parsed.GetValue(remote));
                var use = new GarbageUse(isCloud ? store : null);
                await use.AddAsync(repository, selection, runCache: true, cancellationToken);
                foreach (var path in others)
                {
                    using var other = Repository.Open(path);
                    await use.AddAsync(other, selection, runCache: true, cancellationToken);
                }

                if (isCloud && await PlatformRecords.OfAsync(store, repository, parsed.GetValue(remote), cancellationToken) is { } records)
                {
                    await use.AddAsync(records, repository.Cache, cancellationToken);
                }

                var collection = new GarbageCollection(store, TimeProvider.System, parsed.GetValue(jobs));
                // A cache on this machine has nobody's push under way: what nothing uses goes whatever its age, as with DVC.
                var period =
                    isCloud || parsed.GetResult(grace) is { Implicit: false } ? TimeSpan.FromDays(parsed.GetValue(grace)) : TimeSpan.Zero;
                var plan = await collection.PlanAsync(use.Used, period, cancellationToken);
                Show(plan, store.Url, isReal);
                if (!isReal || plan.Goes.Count == 0)
                {
                    return 0;
                }

                var record = await collection.CollectAsync(plan, cancellationToken);
                new RemoteIndex(repository.TemporaryFolder, store).Clear();
                Console.Out.WriteLine(
                    $"Set aside as {record.Id}. `mlops gc undo {record.Id}{(isCloud ? " -c" : "")}` brings it back, `mlops gc purge` "
                        + $"deletes it for good."
                );
                return 0;
            }
        );
    }

    private static Command Undo()
    {
        var (id, cloud, remote) = (
            new Argument<string?>("id") { Description = "The collection; the latest if none is named.", Arity = ArgumentArity.ZeroOrOne },
            CloudOption(),
            RemoteOption()
        );
        return new Command("undo", "Brings back what a collection set aside.") { id, cloud, remote }.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                await using var store = Open(repository, parsed.GetValue(cloud), parsed.GetValue(remote));
                var collection = new GarbageCollection(store, TimeProvider.System);
                var all = await collection.ListTrashAsync(cancellationToken);
                var record =
                    (
                        parsed.GetValue(id) is { } named ? all.FirstOrDefault(r => r.Id == named)
                        : all.Count > 0 ? all[0]
                        : null
                    )
                    ?? throw ServerlessException.NotFound(
                        "There is no such collection to undo.",
                        "`mlops gc trash` lists what was set aside and not purged."
                    );
                Console.Out.WriteLine($"{TransferOptions.Files(await collection.UndoAsync(record, cancellationToken), "brought back")}.");
                return 0;
            }
        );
    }

    private static Command Purge()
    {
        var (cloud, remote) = (CloudOption(), RemoteOption());
        var days = new Option<double>("--older-than")
        {
            Description = "Days since it was set aside.",
            DefaultValueFactory = _ => DefaultKeepDays,
        };
        return new Command("purge", "Deletes for good what was set aside long ago.") { cloud, remote, days }.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                await using var store = Open(repository, parsed.GetValue(cloud), parsed.GetValue(remote));
                var collection = new GarbageCollection(store, TimeProvider.System);
                var before = TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(parsed.GetValue(days));
                var count = 0;
                foreach (var record in (await collection.ListTrashAsync(cancellationToken)).Where(r => r.At <= before))
                {
                    await collection.PurgeAsync(record, cancellationToken);
                    count += record.Names.Count;
                }

                Console.Out.WriteLine(count == 0 ? "Nothing to purge." : $"{TransferOptions.Files(count, "deleted for good")}.");
                return 0;
            }
        );
    }

    private static Command Trash()
    {
        var (cloud, remote) = (CloudOption(), RemoteOption());
        return new Command("trash", "Lists what was set aside.") { cloud, remote }.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                await using var store = Open(repository, parsed.GetValue(cloud), parsed.GetValue(remote));
                foreach (var record in await new GarbageCollection(store, TimeProvider.System).ListTrashAsync(cancellationToken))
                {
                    Console.Out.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{record.Id}  {record.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC  {record.Names.Count} objects, "
                                + $"{Size(record.Bytes)}"
                        )
                    );
                }

                return 0;
            }
        );
    }

    private static void Show(GarbagePlan plan, string where, bool isReal)
    {
        foreach (var item in plan.Goes)
        {
            Console.Out.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"goes   {ObjectId.OfRemoteName(item.Name)}  {Size(item.Length)}  of {item.LastModified.UtcDateTime:yyyy-MM-dd}: "
                        + $"nothing uses it"
                )
            );
        }

        foreach (var reason in plan.Stays)
        {
            Console.Out.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"stays  {reason.Count} objects, {Size(reason.Bytes)}: {reason.Reason}")
            );
        }

        Console.Out.WriteLine(
            plan.Goes.Count == 0
                ? $"Nothing to collect in {where}."
                : $"{plan.Goes.Count} objects ({Size(plan.Bytes)}) {(isReal ? "go from" : "would go from")} "
                    + $"{where}.{(isReal ? "" : " This was a dry run: --force does it.")}"
        );
    }

    private static IRemote Open(Repository repository, bool isCloud, string? remote) =>
        isCloud || remote is not null
            ? RemoteFactory.Open(repository.Config, remote?.ToLowerInvariant())
            : new FolderRemote(repository.Cache.Folder);

    private static Option<bool> CloudOption() => new("--cloud", "-c") { Description = "The remote instead of the cache." };

    private static Option<string?> RemoteOption() =>
        new("--remote", "-r") { Description = "Which remote; the default one if none is named." };

    private static string Size(long bytes) =>
        bytes switch
        {
            < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
            < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
            < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F2} GiB"),
        };
}
