using Serverless.Data.Locks;
using Serverless.Data.Operations;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;

namespace Serverless.Dvc.Repro;

/// <summary>Brings from the remote what a reproduction misses: runs, content, and data in its place.</summary>
internal sealed class StageFetch(Repository repository) : IDisposable
{
    // One after the other: each looks at the whole repository.
    private readonly SemaphoreSlim turn = new(1);

    public Task RunsAsync(CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await using var remote = RemoteFactory.Open(repository.Config, null);
                await new RunCacheTransfer(remote, repository.Cache).FetchAsync(cancellationToken);
            },
            cancellationToken
        );

    /// <summary>What the pointers and locks recorded for these paths, laid down.</summary>
    public Task PathsAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await new RepositoryTransfer(repository).FetchAsync(
                    new UsedSelection { Targets = paths },
                    cancellationToken: cancellationToken
                );
                new CheckoutOperation(repository).Run(paths, cancellationToken: cancellationToken);
            },
            cancellationToken
        );

    /// <summary>What a run gave out, into the cache.</summary>
    public Task OutputsAsync(StageLock run, CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await using var remote = RemoteFactory.Open(repository.Config, null);
                var objects = run.Outs.Where(o => o.Digest is not null).Select(o => ObjectId.Parse(o.Digest!, o.Kind));
                await new ObjectDownload(remote, repository.Cache).FetchAsync(objects, cancellationToken: cancellationToken);
            },
            cancellationToken
        );

    public void Dispose() => turn.Dispose();

    private async Task InTurnAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await work();
        }
        finally
        {
            turn.Release();
        }
    }
}
