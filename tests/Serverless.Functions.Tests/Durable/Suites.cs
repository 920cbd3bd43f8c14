using Serverless.Pipelines.Tests.Contract;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Functions.Tests.Durable;

// The suites of the local engine, held against the functions.

public sealed class DurableGraphTests(AzuriteFixture azurite) : GraphContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new DurableEngineUnderTest(store);
}

public sealed class DurableLoopTests(AzuriteFixture azurite) : LoopContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new DurableEngineUnderTest(store);
}

public sealed class DurableControlTests(AzuriteFixture azurite) : ControlContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new DurableEngineUnderTest(store);
}

/// <summary>The same once more, with every activity delivered twice.</summary>
public sealed class RedeliveredControlTests(AzuriteFixture azurite) : ControlContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new DurableEngineUnderTest(store, _ => 2);
}
